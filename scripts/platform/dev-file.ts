import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A running stack, as dev.json in its home describes it. Addresses are host:port. */
export type DevFile = {
  readonly origin: string;
  readonly admin: Credentials;
  readonly grpc: Readonly<Record<string, string>>;
  readonly http: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, string>>;
  readonly certs: string;
  readonly databases: Readonly<Record<string, string>>;
  readonly nats: string;
  /** The process ids by name; what is not running just now is absent. */
  readonly pids: Readonly<Record<string, number>>;
};

/** A username with its password. */
export type Credentials = { readonly username: string; readonly password: string };

/** The folder that the state of a stack is kept in: MIZAN_HOME, else .mizan of the project. */
export function homeFolder(): string {
  return resolve(process.env["MIZAN_HOME"] ?? join(import.meta.dirname, "../../.mizan"));
}

/** The description of the stack of a home. Throws when none was started there, or it has ended. */
export function readDevFile(home: string): DevFile {
  return JSON.parse(readFileSync(join(home, "dev.json"), "utf8")) as DevFile;
}

/** Replaces a file at once, readable by its owner alone: a reader sees the old or the new one. */
export function writePrivateJson(file: string, value: unknown): void {
  const next = `${file}.${process.pid}.next`;
  writeFileSync(next, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}
