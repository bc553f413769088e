import type { Archive } from "./archive.ts";
import * as extraWords from "./extras.ts";
import * as factWords from "./facts.ts";
import * as levelWords from "./levels.ts";
import * as orderWords from "./orders.ts";
import { PriceTree } from "./price-tree.ts";
import type { Rows } from "./rows.ts";

const { REMAINING, TERMS } = factWords;
const { SHOWN } = extraWords;
const { HEAD, LEVEL_LOTS, LEVEL_ORDERS, LEVEL_PRICE, NODE, TAIL } = levelWords;
const { EXTRA, ICEBERG, LEVEL, NEXT, PREVIOUS } = orderWords;

/** Above and below all prices: what the best price of an empty side is. */
export const NO_ASK = 2 ** 31 - 1;
export const NO_BID = 0;

/** The tables that the sides of all books share. */
export type SideTables = {
  readonly orders: Rows;
  readonly extras: Rows;
  readonly levels: Rows;
  readonly nodes: Rows;
};

/**
 * The orders of a side by price, and at a price by arrival. Of waiting stops the prices are their
 * stop prices: those that wait for the price to rise are a side whose best is the lowest, like asks.
 */
export class BookSide {
  readonly isBids: boolean;
  readonly #orders: Rows;
  readonly #extras: Rows;
  readonly #levels: Rows;
  readonly tree: PriceTree;
  /** The best level; 0 when there is none. */
  best = 0;
  bestPrice: number;

  constructor(tables: SideTables, isBids: boolean) {
    this.isBids = isBids;
    this.#orders = tables.orders;
    this.#extras = tables.extras;
    this.#levels = tables.levels;
    this.tree = new PriceTree(tables.nodes);
    this.bestPrice = isBids ? NO_BID : NO_ASK;
  }

  /** Whether a taker with a limit meets the best price. */
  isMetBy(limit: number): boolean {
    return this.isBids ? this.bestPrice >= limit : this.bestPrice <= limit;
  }

  /** Puts an order behind all others at a price. */
  append(order: number, price: number): void {
    const node = this.tree.reach(price);
    const level = this.tree.levelIn(node, price) || this.#addLevel(node, price);
    const { words, reals } = this.#orders;
    const levels = this.#levels.words;
    const tail = levels[level + TAIL]!;
    words[order + NEXT] = 0;
    words[order + PREVIOUS] = tail;
    words[order + LEVEL] = level;
    if (tail === 0) levels[level + HEAD] = order;
    else words[tail + NEXT] = order;
    levels[level + TAIL] = order;
    levels[level + LEVEL_ORDERS]!++;
    const isIceberg = (words[order + TERMS]! & ICEBERG) !== 0;
    const lots = isIceberg ? this.#shown(order) : reals[(order >> 1) + REMAINING]!;
    this.#levels.reals[(level >> 1) + LEVEL_LOTS]! += lots;
  }

  /** Takes an order out, with what shows of it now. */
  remove(order: number): void {
    const { words, reals } = this.#orders;
    const level = words[order + LEVEL]!;
    const levels = this.#levels.words;
    if (--levels[level + LEVEL_ORDERS]! === 0) {
      this.#removeLevel(level);
      return;
    }
    const next = words[order + NEXT]!;
    const previous = words[order + PREVIOUS]!;
    if (previous === 0) levels[level + HEAD] = next;
    else words[previous + NEXT] = next;
    if (next === 0) levels[level + TAIL] = previous;
    else words[next + PREVIOUS] = previous;
    const isIceberg = (words[order + TERMS]! & ICEBERG) !== 0;
    const lots = isIceberg ? this.#shown(order) : reals[(order >> 1) + REMAINING]!;
    this.#levels.reals[(level >> 1) + LEVEL_LOTS]! -= lots;
  }

  /** The next level behind one, which may be gone; 0 after the last. */
  behind(price: number): number {
    return this.isBids ? this.tree.below(price) : this.tree.above(price);
  }

  /** Stores or restores the side; its rows are stored with all others. */
  archive(archive: Archive): void {
    this.best = archive.number(this.best);
    this.bestPrice = archive.number(this.bestPrice);
    this.tree.archive(archive);
  }

  #shown(order: number): number {
    return this.#extras.reals[(this.#orders.words[order + EXTRA]! >> 1) + SHOWN]!;
  }

  #addLevel(node: number, price: number): number {
    const level = this.#levels.take();
    const { words, reals } = this.#levels;
    reals[(level >> 1) + LEVEL_LOTS] = 0;
    words[level + LEVEL_PRICE] = price;
    words[level + HEAD] = 0;
    words[level + TAIL] = 0;
    words[level + LEVEL_ORDERS] = 0;
    words[level + NODE] = node;
    this.tree.add(node, price, level);
    const isBest = this.isBids ? price > this.bestPrice : price < this.bestPrice;
    if (isBest) this.#setBest(level);
    return level;
  }

  #removeLevel(level: number): void {
    const { words } = this.#levels;
    const price = words[level + LEVEL_PRICE]!;
    if (level === this.best) this.#setBest(this.behind(price));
    this.tree.delete(words[level + NODE]!, price);
    this.#levels.give(level);
  }

  #setBest(level: number): void {
    this.best = level;
    const none = this.isBids ? NO_BID : NO_ASK;
    this.bestPrice = level === 0 ? none : this.#levels.words[level + LEVEL_PRICE]!;
  }
}
