import { hash } from "node:crypto";

/** The hash of the chain after a line: of the hash before it, a line feed, and the line. */
export function link(previous: string, line: string): string {
  return hash("sha256", `${previous}\n${line}`, "hex");
}
