import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writePrivately } from "#mesh/write-privately.ts";

/** A running stack, as dev.json in its home describes it. Addresses are host:port. */
export type DevFile = {
  readonly origin: string;
  readonly admin: Credentials;
  readonly grpc: Readonly<Record<string, string>>;
  readonly http: Readonly<Record<string, string>>;
  /** The services and their workers: `/healthz`, `/readyz` and `/metrics`. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Where the simulated providers answer, as URLs, each with its script below `/control`. */
  readonly simulators: Readonly<Record<string, string>>;
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

/** Replaces the description at once: a reader sees the old one or the new one. */
export function writeDevFile(home: string, dev: DevFile): void {
  writePrivately(join(home, "dev.json"), `${JSON.stringify(dev, null, 2)}\n`);
}
