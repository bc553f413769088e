import { strict as assert } from "node:assert";
import type { Archive } from "./archive.ts";
import type { Hash } from "./hash.ts";
import { IdIndex } from "./id-index.ts";
import * as orderWords from "./orders.ts";
import { Rows } from "./rows.ts";
import { readHex, toWords } from "./words.ts";

const { OWN_NEXT, OWN_PREVIOUS } = orderWords;

// The words of a row. The owner comes first, in four words.
const OWNER = 0;
const GROUP = 4;
/** The oldest and the newest of the live orders. */
const OLDEST = 5;
const NEWEST = 6;
const ACCOUNT_WORDS = 8;

/** The accounts by number, and the live orders of each in order of arrival. */
export class Accounts {
  readonly rows: Rows = new Rows(ACCOUNT_WORDS);
  readonly byOwner: IdIndex = new IdIndex(this.rows, OWNER);
  readonly #orders: Rows;

  constructor(orders: Rows) {
    this.#orders = orders;
  }

  get count(): number {
    return this.rows.count;
  }

  /** Makes an account known, which has the next number, or changes the group of one that is. */
  set(account: number, group: number, ids: Int32Array, at: number): void {
    assert(account >= 1 && account <= this.count + 1, "accounts are numbered in order");
    if (account === this.count + 1) {
      const row = this.rows.take();
      const { words } = this.rows;
      words.fill(0, row, row + ACCOUNT_WORDS);
      for (let word = 0; word < 4; word++) words[row + OWNER + word] = ids[at + word]!;
      assert(this.byOwner.find(words, row) === 0, "an owner has one account");
      this.byOwner.add(row);
    }
    this.rows.words[account * ACCOUNT_WORDS + GROUP] = group;
  }

  has(account: number): boolean {
    return account >= 1 && account <= this.count;
  }

  /** The trade group, whose accounts don't trade with each other (section 4). */
  groupOf(account: number): number {
    return this.rows.words[account * ACCOUNT_WORDS + GROUP]!;
  }

  /** The owner and the trade group of an account. */
  view(account: number): { readonly owner: string; readonly group: number } | undefined {
    if (!this.has(account)) return undefined;
    const owner = readHex(this.rows.words, account * ACCOUNT_WORDS + OWNER, 4);
    return { owner, group: this.groupOf(account) };
  }

  /** The number of an owner's account. */
  find(owner: string): number | undefined {
    const row = this.byOwner.find(toWords(owner), 0);
    return row === 0 ? undefined : row / ACCOUNT_WORDS;
  }

  /** The oldest live order; the others follow by OWN_NEXT. */
  oldestOf(account: number): number {
    return this.rows.words[account * ACCOUNT_WORDS + OLDEST]!;
  }

  /** Hashes who an account is. */
  addTo(hash: Hash, account: number): void {
    hash.words(this.rows.words, account * ACCOUNT_WORDS, GROUP + 1);
  }

  /** Stores or restores all accounts. */
  archive(archive: Archive): void {
    this.rows.archive(archive);
    this.byOwner.archive(archive);
  }

  /** Adds a live order behind the others. */
  append(account: number, order: number): void {
    const row = account * ACCOUNT_WORDS;
    const { words } = this.rows;
    const orders = this.#orders.words;
    const newest = words[row + NEWEST]!;
    orders[order + OWN_NEXT] = 0;
    orders[order + OWN_PREVIOUS] = newest;
    if (newest === 0) words[row + OLDEST] = order;
    else orders[newest + OWN_NEXT] = order;
    words[row + NEWEST] = order;
  }

  /** Takes an order out that is no longer live. */
  remove(account: number, order: number): void {
    const row = account * ACCOUNT_WORDS;
    const { words } = this.rows;
    const orders = this.#orders.words;
    const next = orders[order + OWN_NEXT]!;
    const previous = orders[order + OWN_PREVIOUS]!;
    if (previous === 0) words[row + OLDEST] = next;
    else orders[previous + OWN_NEXT] = next;
    if (next === 0) words[row + NEWEST] = previous;
    else orders[next + OWN_PREVIOUS] = previous;
  }
}
