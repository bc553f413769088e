import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from "node:fs";

/**
 * Opens the log of a process to append to. The file of the run before becomes ".1", and so does one
 * that has grown too large by the time its process starts again.
 */
export function openLog(file: string, fresh: boolean): number {
  if (existsSync(file) && (fresh || statSync(file).size > MAX_LOG_BYTES)) {
    renameSync(file, `${file}.1`);
  }
  return openSync(file, "a", 0o600);
}

/** The last lines of a log, for the message of a start that failed. */
export function tailOf(file: string, lines: number): string {
  if (!existsSync(file)) return "";
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - MAX_TAIL_BYTES);
    const bytes = Buffer.alloc(size - start);
    readSync(descriptor, bytes, 0, bytes.length, start);
    return bytes.toString().trimEnd().split("\n").slice(-lines).join("\n");
  } finally {
    closeSync(descriptor);
  }
}

/** From this size on a log is put aside when its process starts again. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;

/** How much of the end of a log is read. */
const MAX_TAIL_BYTES = 64 * 1024;
