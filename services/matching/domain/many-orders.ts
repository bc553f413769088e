import { ACCOUNT, type CommandRecord, MARKET, SESSION } from "./command-record.ts";
import { CANCELLED, EXPIRED } from "./emit.ts";
import { CANCEL_ALL, endOrder, EXPIRE_TIME } from "./end-order.ts";
import { MARKET as ORDER_MARKET, OWN_NEXT, SESSION as ORDER_SESSION } from "./orders.ts";
import { UNKNOWN_MARKET } from "./refusals.ts";
import { siblingOf } from "./releases.ts";
import type { Shard } from "./shard.ts";

/** Ends the live orders of an account, in a market or in all, of a session or all. */
export function cancelAll(shard: Shard, { words: from }: CommandRecord): number {
  const [account, market, session] = [from[ACCOUNT]!, from[MARKET]!, from[SESSION]!];
  if (market !== 0 && shard.markets[market] === undefined) return UNKNOWN_MARKET;
  if (!shard.accounts.has(account)) return 0;
  const { words } = shard.orders;
  for (let order = shard.accounts.oldestOf(account); order !== 0;) {
    const isMeant =
      (market === 0 || words[order + ORDER_MARKET] === market) &&
      (session === 0 || words[order + ORDER_SESSION] === session);
    let next = words[order + OWN_NEXT]!;
    if (isMeant) {
      if (next !== 0 && next === siblingOf(shard, order)) next = words[next + OWN_NEXT]!;
      const its = shard.markets[words[order + ORDER_MARKET]!]!;
      endOrder(shard, its, order, CANCELLED | (CANCEL_ALL << 8));
    }
    order = next;
  }
  return 0;
}

/** Ends the GTD orders whose time has come, by time and then by arrival. */
export function expire(shard: Shard): void {
  const { expiries } = shard;
  while (expiries.first !== 0 && expiries.expireMs(expiries.first) <= shard.atMs) {
    const order = expiries.first;
    const market = shard.markets[shard.orders.words[order + ORDER_MARKET]!]!;
    endOrder(shard, market, order, EXPIRED | (EXPIRE_TIME << 8));
  }
}
