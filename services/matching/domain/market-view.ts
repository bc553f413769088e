import type { BookSide } from "./book-side.ts";
import { MARKET_STATES } from "./codes.ts";
import type { MarketRules, MarketState, Side } from "./command.ts";
import { LEVEL_LOTS, LEVEL_ORDERS, LEVEL_PRICE } from "./levels.ts";
import type { Market } from "./market.ts";
import { rulesFromNumbers } from "./rules.ts";
import type { Shard } from "./shard.ts";

/** What is known of a market; 0 where there is no price. */
export type MarketView = {
  readonly rules: MarketRules;
  readonly state: MarketState;
  readonly bestBid: number;
  readonly bestAsk: number;
  readonly lastPrice: number;
  /** The average price of section 7, as of the last command. */
  readonly reference: number;
  /** The number of the last event. */
  readonly seq: number;
  /** The number of the last trade. */
  readonly tradeId: number;
  readonly liveOrders: number;
};

/** A price level as everybody may see it. */
export type DepthLevel = { readonly price: number; readonly lots: number; readonly orders: number };

/** Reads a market, if there is one. */
export function viewMarket(market: Market | undefined): MarketView | undefined {
  if (market === undefined) return undefined;
  const { last, seq, tradeId, liveOrders, reference, bids, asks } = market;
  return {
    get rules() {
      return rulesFromNumbers(market.rules, market.stpModes); // for the few who ask
    },
    state: MARKET_STATES[market.state]!,
    bestBid: bids.best === 0 ? 0 : bids.bestPrice,
    bestAsk: asks.best === 0 ? 0 : asks.bestPrice,
    lastPrice: last,
    reference,
    seq,
    tradeId,
    liveOrders,
  };
}

/** The best levels of a side, at most so many. */
export function viewDepth(
  shard: Shard,
  market: Market | undefined,
  side: Side,
  levels: number,
): DepthLevel[] {
  const depth: DepthLevel[] = [];
  const book = market && sideOfBook(market, side);
  for (let row = book?.best ?? 0; row !== 0 && depth.length < levels;) {
    const price = shard.levels.words[row + LEVEL_PRICE]!;
    const orders = shard.levels.words[row + LEVEL_ORDERS]!;
    depth.push({ price, lots: shard.levels.reals[(row >> 1) + LEVEL_LOTS]!, orders });
    row = book!.behind(price);
  }
  return depth;
}

/** The lots that show at a price; 0 where there are none. */
export function viewVolume(
  shard: Shard,
  market: Market | undefined,
  side: Side,
  price: number,
): number {
  const level = market === undefined ? 0 : sideOfBook(market, side).tree.find(price);
  return level === 0 ? 0 : shard.levels.reals[(level >> 1) + LEVEL_LOTS]!;
}

function sideOfBook(market: Market, side: Side): BookSide {
  return side === "BUY" ? market.bids : market.asks;
}
