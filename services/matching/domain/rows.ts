import { strict as assert } from "node:assert";
import type { Archive } from "./archive.ts";

/**
 * Rows of words in one growing block of memory, and the places of those that are free. A row is
 * known by the place of its first word, so 0 is never one. Of a row, the double number n lies at
 * row / 2 + n. What `take` returns has whatever its last user left in it, and may have moved the
 * block: read `words` and `reals` anew after it.
 */
export class Rows {
  readonly stride: number;
  words: Int32Array<ArrayBuffer>;
  reals: Float64Array<ArrayBuffer>;
  /** The first free row, each of which has the next one in its first word. */
  free = 0;
  /** Where the rows that were never used begin. */
  top: number;
  /** How many rows are in use. */
  count = 0;

  constructor(stride: number, capacity = 64) {
    assert(stride % 2 === 0, "doubles need rows of whole pairs of words");
    this.stride = stride;
    this.top = stride;
    this.words = new Int32Array(stride * capacity);
    this.reals = new Float64Array(this.words.buffer);
  }

  take(): number {
    this.count++;
    const row = this.free;
    if (row !== 0) {
      this.free = this.words[row]!;
      return row;
    }
    if (this.top === this.words.length) this.#grow();
    this.top += this.stride;
    return this.top - this.stride;
  }

  give(row: number): void {
    this.count--;
    this.words[row] = this.free;
    this.free = row;
  }

  /** Stores or restores all rows. */
  archive(archive: Archive): void {
    this.top = archive.number(this.top);
    this.free = archive.number(this.free);
    this.count = archive.number(this.count);
    this.words = archive.words(this.words, this.top);
    this.reals = new Float64Array(this.words.buffer);
  }

  #grow(): void {
    const capacity = this.words.length / this.stride;
    const more = capacity < MANY_ROWS ? capacity : Math.ceil(capacity / 8);
    const larger = new Int32Array((capacity + more) * this.stride);
    larger.set(this.words);
    this.words = larger;
    this.reals = new Float64Array(larger.buffer);
  }
}

/** From here on memory grows by eighths, since half of it may lie idle after it has doubled. */
const MANY_ROWS = 1 << 18;
