import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivately } from "#mesh/write-privately.ts";

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

/** Replaces the list of the merchants of a home. */
export function writeSeed(home: string, seed: SeedFile): void {
  mkdirSync(join(home, "seed"), { recursive: true, mode: 0o700 });
  writePrivately(seedFile(home), `${JSON.stringify(seed, null, 2)}\n`);
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
