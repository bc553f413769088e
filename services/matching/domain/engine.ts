import type { CommandRecord } from "./command-record.ts";
import type { Fee, OrderId, Side } from "./command.ts";
import type { EventLog } from "./event-log.ts";
import type { DepthLevel, MarketView } from "./market-view.ts";
import type { FeeRates } from "./money.ts";
import type { OrderView } from "./order-view.ts";

/**
 * The books of a shard in memory: pure, synchronous and deterministic. Time comes in as milliseconds
 * since 1970 and never goes back. The same commands at the same times make the same events and the
 * same state, bit by bit.
 */
export type Engine = {
  /**
   * Applies a command and adds what happened to the log; returns 0, or the number of the refusal
   * (refusals.ts). Allocates nothing, but for what is rare: orders by amount, and growth.
   */
  apply(record: CommandRecord, atMs: number, events: EventLog): number;
  /** What `apply` would refuse a PLACE, OCO, AMEND or REPLACE with now, changing nothing; or 0. */
  refusal(record: CommandRecord, atMs: number): number;
  /** The time of the last command. */
  readonly atMs: number;
  /** A live order, waiting stops among them. */
  order(order: OrderId): OrderView | undefined;
  /** The live orders of an account, oldest first, from the one after `after` on; 0 is any market. */
  ordersOf(account: number, market: number, limit: number, after?: OrderId): OrderView[];
  /** The order that has a client's key: live, or ended within the last 24 hours. */
  orderByKey(account: number, market: number, key: string): OrderId | undefined;
  /** The best levels of a side; hidden lots don't show (FEED-7). */
  depth(market: number, side: Side, levels: number): DepthLevel[];
  /** The lots that show at a price; 0 where there are none. */
  volumeAt(market: number, side: Side, price: number): number;
  /** A market as it is; undefined when no command has listed it. */
  market(market: number): MarketView | undefined;
  /** How many markets there are; they are numbered from 1. */
  readonly markets: number;
  /** The open lots of an account's buys, which count towards its position. */
  openBuyLots(account: number, market: number): number;
  /** When the next GTD order ends; Infinity when none does. */
  nextExpiryMs(): number;
  /** The number of an owner's account. */
  accountOf(owner: string): number | undefined;
  /** The owner and the trade group of an account. */
  account(account: number): { readonly owner: string; readonly group: number } | undefined;
  /** How many accounts there are; they are numbered from 1. */
  readonly accounts: number;
  /** The number of a fee tier. */
  tierOf(maker: Fee, taker: Fee): number | undefined;
  /** What a fee tier asks. */
  tier(tier: number): FeeRates | undefined;
  /** How many tiers there are; they are numbered from 1. */
  readonly tiers: number;
  /** Live orders, waiting stops among them. */
  readonly liveOrders: number;
  readonly waitingStops: number;
  /** What the tables take of memory, in bytes. */
  readonly byteLength: number;
  /** A copy of all state, from which `loadEngine` makes the same engine. */
  dump(): Uint8Array[];
  /** A hash of the state, whatever places in memory it has: 16 hex digits. */
  stateHash(): string;
  /** Throws where links, volumes, counts and indexes don't agree. */
  validate(): void;
};
