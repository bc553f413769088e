import { readFileSync, statSync } from "node:fs";
import { type Environment, isProduction, type Setting } from "./settings.ts";

/** A secret from a file that others may not read (S15); a function, so that no dump shows it. */
export function secretFile(
  [name, about]: readonly [name: string, about: string],
  minBytes: number,
): Setting<(() => string) | undefined> {
  const parse = (path: string) => {
    const text = readSecret(path);
    if (text.length < minBytes)
      throw new Error(`needs at least ${minBytes} characters in the file`);
    return () => text;
  };
  const optional = (environment: Environment) => {
    const path = environment[name];
    return path === undefined || path === "" ? undefined : parse(path);
  };
  return { name, about, read: optional };
}

/** An address that may hold a password: as it is, or in the file that `<NAME>_FILE` names. */
export function secretUrl(
  [name, about]: readonly [name: string, about: string],
  protocols: readonly string[],
): Setting<string> {
  const read = (environment: Environment) => {
    const path = environment[`${name}_FILE`] ?? "";
    const inline = environment[name] ?? "";
    if (isProduction(environment) && (URL.parse(inline)?.password ?? "") !== "") {
      throw new Error(`must not hold a password in production: use ${name}_FILE`);
    }
    const text = path === "" ? inline : readSecret(path);
    if (text === "") throw new Error(`is missing, and so is ${name}_FILE`);
    if (protocols.includes(URL.parse(text)?.protocol ?? "")) return text;
    throw new Error(`must be an address that begins with ${protocols.join("// or ")}//`);
  };
  return { name, about, read };
}

function readSecret(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) throw new Error("must name a file that exists");
  if ((stat.mode & 0o007) !== 0)
    throw new Error("names a file that everybody may read: chmod o= it");
  return readFileSync(path, "utf8").trim();
}
