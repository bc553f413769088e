import { strict as assert } from "node:assert";
import { COMMAND_KINDS } from "./codes.ts";
import type { CommandRecord } from "./command-record.ts";
import * as commandWords from "./command-record.ts";

const { KIND } = commandWords;

/**
 * How many words a record of each kind has in a log, in full and, where all of the others are zeros,
 * in short: a move or a cancel takes 32 bytes, a plain limit order 64.
 */
const lengths = {
  ACCOUNT: { full: 10, short: 10 },
  TIER: { full: 22, short: 22 },
  MARKET: { full: 48, short: 48 },
  STATE: { full: 10, short: 10 },
  PLACE: { full: 30, short: 16 },
  OCO: { full: 60, short: 60 },
  CANCEL: { full: 8, short: 8 },
  REDUCE: { full: 12, short: 12 },
  AMEND: { full: 34, short: 8 },
  REPLACE: { full: 34, short: 34 },
  CANCEL_ALL: { full: 14, short: 14 },
  EXPIRE: { full: 2, short: 2 },
} satisfies Record<(typeof COMMAND_KINDS)[number], { full: number; short: number }>;

const full = Int32Array.from(COMMAND_KINDS, (kind) => lengths[kind].full);
const short = Int32Array.from(COMMAND_KINDS, (kind) => lengths[kind].short);

/**
 * The commands of a batch as the journal has them: the words of their records one after the other,
 * little endian, as many as the kind needs. The first word of each is the kind in its low 8 bits and
 * the number of words above them.
 */
export class CommandLog {
  #words = new Int32Array(1 << 14);
  #end = 0;
  #count = 0;

  /** How many commands there are. */
  get count(): number {
    return this.#count;
  }

  /** How long the log is. */
  get byteLength(): number {
    return this.#end * 4;
  }

  /** Adds the command of a record. */
  append(record: CommandRecord): void {
    const { words } = record;
    const kind = words[KIND]!;
    const length = lengthOf(words, kind);
    if (this.#end + length > this.#words.length) this.#words = doubled(this.#words);
    const log = this.#words;
    const start = this.#end;
    for (let word = 1; word < length; word++) log[start + word] = words[word]!;
    log[start] = kind | (length << 8);
    this.#end = start + length;
    this.#count++;
  }

  /** The log as it is now; the bytes change with the next `append` or `clear`. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#words.buffer, 0, this.#end * 4);
  }

  clear(): void {
    this.#end = 0;
    this.#count = 0;
  }
}

/** Reads the commands of a log's bytes; throws where they are no log. */
export class CommandReader {
  readonly #words: Int32Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    assert(bytes.length % 8 === 0, "a log of commands is whole pairs of words");
    const aligned = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes);
    this.#words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  }

  /** Reads the next command into the record; false after the last. */
  next(record: CommandRecord): boolean {
    const log = this.#words;
    const start = this.#at;
    if (start === log.length) return false;
    const kind = log[start]! & 0xff;
    const length = log[start]! >>> 8;
    const isKnown = kind < full.length && (length === full[kind] || length === short[kind]);
    if (!isKnown || start + length > log.length) {
      throw new Error(`the log has no command at byte ${start * 4}`);
    }
    const { words } = record;
    words[KIND] = kind;
    for (let word = 1; word < length; word++) words[word] = log[start + word]!;
    for (let word = length; word < record.used; word++) words[word] = 0;
    record.used = length;
    this.#at = start + length;
    return true;
  }
}

function lengthOf(words: Int32Array, kind: number): number {
  const longest = full[kind]!;
  const shortest = short[kind]!;
  for (let word = shortest; word < longest; word++) if (words[word] !== 0) return longest;
  return shortest;
}

function doubled(words: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(words.length * 2);
  larger.set(words);
  return larger;
}
