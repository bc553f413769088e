import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writePrivately } from "#mesh/write-privately.ts";

/** Reads a secret from its private file; one that is not there is made. */
export function ensureSecret(file: string): { readonly file: string; readonly text: string } {
  if (!existsSync(file)) writePrivately(file, randomBytes(24).toString("base64url"));
  return { file, text: readFileSync(file, "utf8") };
}
