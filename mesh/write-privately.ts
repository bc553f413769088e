import { renameSync, writeFileSync } from "node:fs";

/** Writes a file that only its owner may read, all at once: a reader sees the old or the new. */
export function writePrivately(file: string, text: string): void {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o600, flush: true });
  renameSync(temporary, file);
}
