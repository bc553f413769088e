import { apply } from "./apply.ts";
import { openBuyLots } from "./check-counts.ts";
import { byteLengthOf, dump } from "./dump.ts";
import type { Engine } from "./engine.ts";
import { viewDepth, viewMarket, viewVolume } from "./market-view.ts";
import { findOrder, listOrders } from "./read-order.ts";
import { refusal } from "./refusal.ts";
import type { Shard } from "./shard.ts";
import { stateHash } from "./state-hash.ts";
import { validate } from "./validate.ts";

/** The engine of a state, which nothing else changes from now on. */
export function engineOf(shard: Shard): Engine {
  const marketOf = (market: number) => shard.markets[market];
  return {
    apply(record, atMs, events) {
      if (atMs < shard.atMs) throw new RangeError("time never goes back");
      return apply(shard, record, atMs, events);
    },
    refusal: (record, atMs) => refusal(shard, record, atMs),
    order: (order) => findOrder(shard, order),
    ordersOf: (account, market, limit, after) =>
      listOrders(shard, { account, market }, limit, after),
    orderByKey: (account, market, key) => shard.keys.orderOf(account, market, key, shard.atMs),
    depth: (market, side, levels) => viewDepth(shard, marketOf(market), side, levels),
    volumeAt: (market, side, price) => viewVolume(shard, marketOf(market), side, price),
    market: (market) => viewMarket(marketOf(market)),
    openBuyLots: (account, market) => openBuyLots(shard, account, market),
    nextExpiryMs: () => shard.expiries.nextMs,
    accountOf: (owner) => shard.accounts.find(owner),
    account: (account) => shard.accounts.view(account),
    tierOf: (maker, taker) => shard.tiers.find({ maker, taker }),
    tier: (tier) => shard.tiers.get(tier),
    get atMs() {
      return shard.atMs;
    },
    get markets() {
      return shard.markets.length - 1;
    },
    get accounts() {
      return shard.accounts.count;
    },
    get tiers() {
      return shard.tiers.count;
    },
    get liveOrders() {
      return shard.ids.count;
    },
    get waitingStops() {
      return shard.waitingStops;
    },
    get byteLength() {
      return byteLengthOf(shard);
    },
    dump: () => dump(shard),
    stateHash: () => stateHash(shard),
    validate: () => validate(shard),
  };
}
