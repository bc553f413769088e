import type { Archive } from "./archive.ts";
import { IdIndex } from "./id-index.ts";
import { Rows } from "./rows.ts";

// The words of a row: the account, the market and two zeros, as one id.
const ACCOUNT = 0;
const MARKET = 1;
/** Live orders, waiting stops and triggered ones among them. */
export const OPEN_ORDERS = 4;
export const STOP_ORDERS = 5;
const POSITION_WORDS = 6;

/** How many live orders each account has in each market where it has any. */
export class Positions {
  readonly rows: Rows = new Rows(POSITION_WORDS);
  readonly index: IdIndex = new IdIndex(this.rows, 0);
  readonly #wanted = new Int32Array(4);

  /** The row of an account in a market; 0 when it has no live order there. */
  find(account: number, market: number): number {
    this.#wanted[0] = account;
    this.#wanted[1] = market;
    return this.index.find(this.#wanted, 0);
  }

  /** Counts one more live order; returns the row. */
  open(account: number, market: number): number {
    const row = this.find(account, market) || this.#add(account, market);
    this.rows.words[row + OPEN_ORDERS]!++;
    return row;
  }

  /** Counts one live order less; the row is gone after the last. */
  close(row: number): void {
    if (--this.rows.words[row + OPEN_ORDERS]! > 0) return;
    this.index.delete(row);
    this.rows.give(row);
  }

  /** Stores or restores all counts. */
  archive(archive: Archive): void {
    this.rows.archive(archive);
    this.index.archive(archive);
  }

  #add(account: number, market: number): number {
    const row = this.rows.take();
    const { words } = this.rows;
    words.fill(0, row, row + POSITION_WORDS);
    words[row + ACCOUNT] = account;
    words[row + MARKET] = market;
    this.index.add(row);
    return row;
  }
}
