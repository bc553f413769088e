import type { Archive } from "./archive.ts";
import { Average } from "./average.ts";
import { BookSide, type SideTables } from "./book-side.ts";
import {
  LISTING_PRICE,
  PERCENT_HIGH_PPM,
  PERCENT_LOW_PPM,
  PRICE_BAND_PPM,
  RULES_COUNT,
} from "./rules.ts";
import { BUY, sideOf } from "./terms.ts";

// Places in MARKET_STATES.
export const PRE_OPEN = 0;
export const TRADING = 1;
export const HALT = 3;

/** A market: its rules, its books, and what its commands have made of it. */
export class Market {
  readonly number: number;
  /** The rules that are numbers (rules.ts). */
  readonly rules: Float64Array<ArrayBuffer> = new Float64Array(RULES_COUNT);
  stpModes = 0;
  state = PRE_OPEN;
  readonly bids: BookSide;
  readonly asks: BookSide;
  /** Waiting stops: those that wait for a rise, the lowest first, and those that wait for a fall. */
  readonly rising: BookSide;
  readonly falling: BookSide;
  /** The first and the last of the triggered stops (BOOK-4). */
  readyHead = 0;
  readyTail = 0;
  /** The numbers of the last event and of the last trade. */
  seq = 0;
  tradeId = 0;
  /** The price of the last trade; 0 before the first. */
  last = 0;
  liveOrders = 0;
  readonly average: Average = new Average();
  /** The second that the reference and the prices that come from it are for. */
  second = 0;
  reference = 0;
  /** Where fills may be (BOOK-6), and limits: the bounds are allowed. */
  bandLow = 0;
  bandHigh = 0;
  percentLow = 0;
  percentHigh = 0;

  constructor(number: number, tables: SideTables) {
    this.number = number;
    this.bids = new BookSide(tables, true);
    this.asks = new BookSide(tables, false);
    this.rising = new BookSide(tables, false);
    this.falling = new BookSide(tables, true);
  }

  /** The side where an order of some terms rests. */
  sideOf(terms: number): BookSide {
    return sideOf(terms) === BUY ? this.bids : this.asks;
  }

  /** The side that an order of some terms takes from. */
  oppositeOf(terms: number): BookSide {
    return sideOf(terms) === BUY ? this.asks : this.bids;
  }

  /** Takes the reference of a second: what comes before it decides. */
  refresh(second: number): void {
    const reference = this.average.before(second) || this.last || this.rules[LISTING_PRICE]!;
    this.setReference(second, reference);
  }

  /** Sets the reference of a second, and all that comes from it. */
  setReference(second: number, reference: number): void {
    const { rules } = this;
    this.second = second;
    this.reference = reference;
    this.bandLow = partUp(reference, MILLION - rules[PRICE_BAND_PPM]!);
    this.bandHigh = partDown(reference, MILLION + rules[PRICE_BAND_PPM]!);
    this.percentLow = partUp(reference, rules[PERCENT_LOW_PPM]!);
    this.percentHigh = partDown(reference, rules[PERCENT_HIGH_PPM]!);
  }

  /** Stores or restores the market. */
  archive(archive: Archive): void {
    for (const [rule, value] of this.rules.entries()) this.rules[rule] = archive.number(value);
    this.stpModes = archive.number(this.stpModes);
    this.state = archive.number(this.state);
    this.readyHead = archive.number(this.readyHead);
    this.readyTail = archive.number(this.readyTail);
    this.seq = archive.number(this.seq);
    this.tradeId = archive.number(this.tradeId);
    this.last = archive.number(this.last);
    this.liveOrders = archive.number(this.liveOrders);
    this.average.archive(archive);
    this.setReference(archive.number(this.second), archive.number(this.reference));
    for (const side of [this.bids, this.asks, this.rising, this.falling]) side.archive(archive);
  }
}

const MILLION = 1_000_000;

function partDown(price: number, ppm: number): number {
  return Number((BigInt(price) * BigInt(ppm)) / BigInt(MILLION));
}

function partUp(price: number, ppm: number): number {
  const rounding = BigInt(MILLION) - 1n;
  return Number((BigInt(price) * BigInt(ppm) + rounding) / BigInt(MILLION));
}
