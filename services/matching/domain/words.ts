import { strict as assert } from "node:assert";

// Numbers in words of 32 bits: ids, keys and amounts that are too large for a double.

assert(new Uint8Array(new Uint32Array([1]).buffer)[0] === 1, "logs and dumps are little endian");

/** Writes up to 32 hex digits as words, 8 digits a word. */
export function writeHex(words: Int32Array, at: number, hex: string): void {
  idBytes.setFromHex(hex);
  for (let word = 0; word < hex.length / 8; word++) words[at + word] = idView.getInt32(4 * word);
}

/** The words of hex digits. */
export function toWords(hex: string): Int32Array {
  const words = new Int32Array(hex.length / 8);
  writeHex(words, 0, hex);
  return words;
}

/** The hex digits of words, 4 at most. */
export function readHex(words: Int32Array, at: number, count: number): string {
  for (let word = 0; word < count; word++) idView.setInt32(4 * word, words[at + word]!);
  return beginnings[count]!.toHex();
}

// The bytes of an id as its digits have them, the highest first.
const idBytes = new Uint8Array(16);
const idView = new DataView(idBytes.buffer);
const beginnings = [0, 4, 8, 12, 16].map((length) => idBytes.subarray(0, length));

/** Writes an amount below 2^128 as four words, the lowest first. */
export function writeAmount(words: Int32Array, at: number, amount: bigint): void {
  assert(amount >= 0n && amount < 1n << 128n, "an amount has 128 bits");
  for (let word = 0; word < 4; word++) {
    words[at + word] = Number(BigInt.asIntN(32, amount >> BigInt(32 * word)));
  }
}

/** The amount of four words. */
export function readAmount(words: Int32Array, at: number): bigint {
  let amount = 0n;
  for (let word = 3; word >= 0; word--) amount = (amount << 32n) | BigInt(words[at + word]! >>> 0);
  return amount;
}

/** Whether four words are zeros: no amount, no id. */
export function isZero(words: Int32Array, at: number): boolean {
  return (words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!) === 0;
}

/** Whether two ids of four words are the same. */
export function isSameId(a: Int32Array, at: number, b: Int32Array, bt: number): boolean {
  return (
    a[at + 3] === b[bt + 3] && a[at + 2] === b[bt + 2] && a[at + 1] === b[bt + 1] && a[at] === b[bt]
  );
}
