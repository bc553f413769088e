import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivately } from "#mesh/write-privately.ts";
import type { GhzConfig } from "./ghz.ts";

/** What a seed has left for load tools, readable by its owner alone. */
export type SeedFile = {
  readonly origin: string;
  /** When the tokens end, as ISO 8601. */
  readonly expiresAt: string;
  /** The password of all merchants. */
  readonly password: string;
  readonly merchants: readonly {
    readonly id: string;
    readonly username: string;
    readonly token: string;
  }[];
};

/** Where the merchants of a home are listed. */
export function seedFile(home: string): string {
  return join(home, "seed", "merchants.json");
}

/** Where the config of ghz for the merchants of a home is. */
export function ghzFile(home: string): string {
  return join(home, "seed", "ghz.json");
}

/** Replaces the list of the merchants of a home. */
export function writeSeed(home: string, seed: SeedFile): void {
  write(home, seedFile(home), seed);
}

/** Replaces the config of ghz of a home. */
export function writeGhz(home: string, config: GhzConfig): void {
  write(home, ghzFile(home), config);
}

function write(home: string, file: string, content: object): void {
  mkdirSync(join(home, "seed"), { recursive: true, mode: 0o700 });
  writePrivately(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** The merchants of a home; undefined when none were seeded. */
export function readSeed(home: string): SeedFile | undefined {
  try {
    return JSON.parse(readFileSync(seedFile(home), "utf8")) as SeedFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
