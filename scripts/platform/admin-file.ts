import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivately } from "#mesh/write-privately.ts";
import type { Credentials } from "./dev-file.ts";

/** Where the credentials of the first administrator are. */
export function adminFile(home: string): string {
  return join(home, "admin.json");
}

/** The first administrator of a home; a new home gets a random password that only its owner reads. */
export function ensureAdmin(home: string): Credentials {
  const file = adminFile(home);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Credentials;
  const admin = { username: "admin", password: randomBytes(18).toString("base64url") };
  writePrivately(file, `${JSON.stringify(admin, null, 2)}\n`);
  return admin;
}
