import { strict as assert } from "node:assert";

/**
 * Where a dump goes to or comes from. One walk over the state serves both ways: each value is given,
 * and what comes back, the same or what was stored in its place, is the value from then on.
 */
export type Archive = {
  number(value: number): number;
  /** The first so many words of a block; what comes back has no others. */
  words(block: Int32Array<ArrayBuffer>, used: number): Int32Array<ArrayBuffer>;
};

/** Collects copies of what it is given, as chunks of bytes. */
export class Saver implements Archive {
  readonly chunks: Uint8Array[] = [];
  #numbers: number[] = [];

  number(value: number): number {
    this.#numbers.push(value);
    return value;
  }

  words(block: Int32Array<ArrayBuffer>, used: number): Int32Array<ArrayBuffer> {
    this.number(used);
    this.flush();
    const bytes = new Uint8Array(block.buffer, 0, used * 4);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      this.chunks.push(bytes.slice(at, at + CHUNK_BYTES));
    }
    return block;
  }

  /** Makes a chunk of the numbers that came last. */
  flush(): void {
    this.chunks.push(new Uint8Array(Float64Array.from(this.#numbers).buffer));
    this.#numbers = [];
  }
}

/** Gives back what was collected, from the same bytes in chunks of any size. */
export class Loader implements Archive {
  readonly #chunks: readonly Uint8Array[];
  #chunk = 0;
  #at = 0;

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = chunks;
  }

  number(): number {
    return new Float64Array(this.#read(8).buffer)[0]!;
  }

  words(): Int32Array<ArrayBuffer> {
    const used = this.number();
    assert(Number.isSafeInteger(used) && used >= 0, "a dump has lengths");
    return new Int32Array(this.#read(used * 4).buffer);
  }

  /** Whether nothing is left. */
  isAtEnd(): boolean {
    return this.#chunks.slice(this.#chunk).every(({ length }) => length === 0);
  }

  #read(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const chunk = this.#chunks[this.#chunk];
      assert(chunk !== undefined, "a dump ends where it was cut off");
      const part = chunk.subarray(this.#at, this.#at + length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#at += part.length;
      if (this.#at < chunk.length) continue;
      this.#chunk++;
      this.#at = 0;
    }
    return bytes;
  }
}

const CHUNK_BYTES = 1 << 20;
