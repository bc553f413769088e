import { globSync } from "node:fs";
import { join } from "node:path";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { root } from "../../scripts/platform/node-process.ts";

/** Every method of the contract, as its generated code has it. */
export async function everyMethod(): Promise<DescMethod[]> {
  const files = globSync("gen/mizan/*/v1/*_service_pb.ts", { cwd: root });
  const modules = await Promise.all(
    files.map(async (file) => (await import(join(root, file))) as Record<string, unknown>),
  );
  return modules.flatMap((exports) => Object.values(exports).filter(isService)).flatMap(methodsOf);
}

function isService(value: unknown): value is DescService {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "service";
}

function methodsOf({ methods }: DescService): readonly DescMethod[] {
  return methods;
}
