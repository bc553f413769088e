import type { DescMethod } from "@bufbuild/protobuf";

/** The name of a method in logs, metrics and keys, such as "mizan.core.v1.UserService/Login". */
export function methodName(method: DescMethod): string {
  const known = names.get(method);
  if (known !== undefined) return known;
  const name = `${method.parent.typeName}/${method.name}`;
  names.set(method, name);
  return name;
}

const names = new WeakMap<DescMethod, string>();
