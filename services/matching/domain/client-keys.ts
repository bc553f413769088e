import { strict as assert } from "node:assert";
import { CLIENT_KEY_KEPT_MS, MAX_RECENT_CLIENT_KEYS } from "#mesh/limits.ts";
import type { Archive } from "./archive.ts";
import { ACCOUNT, type CommandRecord, KEY, MARKET, ORDER as ORDER_ID } from "./command-record.ts";
import type { Hash } from "./hash.ts";
import { IdIndex } from "./id-index.ts";
import { Rows } from "./rows.ts";
import { validateIndex, validateRows } from "./validate-tables.ts";
import { readHex, toWords } from "./words.ts";

// The words of a row: account, market and key, which are four words as one id; and the order's id.
const KEY_ID = 0;
const KEY_ORDER_ID = 4;
/** Double: when the order ended. */
const ENDED_MS = 8 / 2;
/** The order's row while it is live. */
const ORDER = 10;
/** The one that ended next. */
const NEXT = 11;
const KEY_WORDS = 12;

/**
 * The ids that clients gave to their orders, by account and market: those of live orders, and of the
 * ones that ended within the last day, the oldest of which are forgotten when there are too many.
 */
export class ClientKeys {
  readonly rows: Rows = new Rows(KEY_WORDS);
  readonly byKey: IdIndex = new IdIndex(this.rows, KEY_ID);
  /** The ended orders by their ids. */
  readonly byOrder: IdIndex = new IdIndex(this.rows, KEY_ORDER_ID);
  /** The ended orders, the oldest first. */
  head = 0;
  tail = 0;
  readonly #wanted = new Int32Array(4);

  /** The row of the key that a new order has; 0 when it is free. */
  find({ words }: CommandRecord): number {
    const wanted = this.#wanted;
    wanted[0] = words[ACCOUNT]!;
    wanted[1] = words[MARKET]!;
    wanted[2] = words[KEY]!;
    wanted[3] = words[KEY + 1]!;
    return this.byKey.find(wanted, 0);
  }

  /** Whether a row keeps its key from others at a time; 0 is no row. */
  isTaken(row: number, atMs: number): boolean {
    if (row === 0) return false;
    const { words, reals } = this.rows;
    return words[row + ORDER] !== 0 || atMs - reals[(row >> 1) + ENDED_MS]! < CLIENT_KEY_KEPT_MS;
  }

  /** Whether an order of this id ended lately and had a key. */
  hasEnded(ids: Int32Array, at: number, atMs: number): boolean {
    return this.byOrder.count > 0 && this.isTaken(this.byOrder.find(ids, at), atMs);
  }

  /** Gives the key that a new order has to its row, at a time; returns the key's row. */
  add({ words: from }: CommandRecord, order: number, atMs: number): number {
    this.#forgetOld(atMs);
    const row = this.rows.take();
    const { words } = this.rows;
    words[row + KEY_ID] = from[ACCOUNT]!;
    words[row + KEY_ID + 1] = from[MARKET]!;
    words[row + KEY_ID + 2] = from[KEY]!;
    words[row + KEY_ID + 3] = from[KEY + 1]!;
    for (let word = 0; word < 4; word++) words[row + KEY_ORDER_ID + word] = from[ORDER_ID + word]!;
    words[row + ORDER] = order;
    this.byKey.add(row);
    return row;
  }

  /** Notes when the order of a row ended. */
  end(row: number, atMs: number): void {
    const { words, reals } = this.rows;
    words[row + ORDER] = 0;
    words[row + NEXT] = 0;
    reals[(row >> 1) + ENDED_MS] = atMs;
    if (this.tail === 0) this.head = row;
    else words[this.tail + NEXT] = row;
    this.tail = row;
    this.byOrder.add(row);
    if (this.byOrder.count > MAX_RECENT_CLIENT_KEYS) this.#forgetOldest();
  }

  /** The key of a row as 16 hex digits. */
  keyOf(row: number): string {
    return readHex(this.rows.words, row + KEY_ID + 2, 2);
  }

  /** The id of the order that has a key of 16 hex digits at a time. */
  orderOf(account: number, market: number, key: string, atMs: number): string | undefined {
    const row = this.byKey.find(Int32Array.of(account, market, ...toWords(key)), 0);
    return this.isTaken(row, atMs) ? readHex(this.rows.words, row + KEY_ORDER_ID, 4) : undefined;
  }

  /** Hashes a key with its order, and when that ended. */
  addTo(hash: Hash, row: number): void {
    const { words, reals } = this.rows;
    hash.words(words, row, KEY_ORDER_ID + 4);
    if (words[row + ORDER] === 0) hash.real(reals[(row >> 1) + ENDED_MS]!);
  }

  /** Calls back with each ended order's row, the oldest first. */
  forEachEnded(read: (row: number) => void): void {
    for (let row = this.head; row !== 0; row = this.rows.words[row + NEXT]!) read(row);
  }

  /** Whether a row is that of a live order. */
  isOf(row: number, order: number): boolean {
    return this.rows.words[row + ORDER] === order && this.byKey.leadsTo(row);
  }

  /** Throws unless there are so many live orders with keys, and all tables agree. */
  validate(live: number): void {
    let ended = 0;
    let last = 0;
    this.forEachEnded((row) => {
      assert.equal(this.rows.words[row + ORDER], 0, "what ended is not live");
      last = row;
      ended++;
    });
    assert.equal(this.tail, last, "the list of ended ones has its end");
    validateRows(this.rows, live + ended);
    validateIndex(this.byKey, live + ended);
    validateIndex(this.byOrder, ended);
  }

  /** Stores or restores all keys. */
  archive(archive: Archive): void {
    this.head = archive.number(this.head);
    this.tail = archive.number(this.tail);
    this.rows.archive(archive);
    this.byKey.archive(archive);
    this.byOrder.archive(archive);
  }

  #forgetOld(atMs: number): void {
    while (this.head !== 0 && !this.isTaken(this.head, atMs)) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const row = this.head;
    this.byKey.delete(row);
    this.byOrder.delete(row);
    this.head = this.rows.words[row + NEXT]!;
    if (this.head === 0) this.tail = 0;
    this.rows.give(row);
  }
}

/** Whether two new orders have the same key. */
export function isSameKey({ words }: CommandRecord, { words: other }: CommandRecord): boolean {
  return words[KEY] === other[KEY] && words[KEY + 1] === other[KEY + 1];
}

/** Whether a new order has a key of its client. */
export function hasKey({ words }: CommandRecord): boolean {
  return (words[KEY]! | words[KEY + 1]!) !== 0;
}
