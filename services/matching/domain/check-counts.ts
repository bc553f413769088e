import type { CommandRecord } from "./command-record.ts";
import * as commandWords from "./command-record.ts";
import * as factWords from "./facts.ts";
import type { Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import { OPEN_ORDERS, STOP_ORDERS } from "./positions.ts";
import {
  ABOVE_MAX_POSITION,
  STP_MODE_NOT_ALLOWED,
  TOO_MANY_OPEN_ORDERS,
  TOO_MANY_STOP_ORDERS,
} from "./refusals.ts";
import * as ruleNumbers from "./rules.ts";
import type { Shard } from "./shard.ts";
import { BUY, isStopType, sideOf, stpOf } from "./terms.ts";

const { ACCOUNT, LOTS, POSITION: POSITION_LOTS, TERMS, TIER } = commandWords;
const { REMAINING, TERMS: ORDER_TERMS } = factWords;
const { MARKET, OWN_NEXT } = orderWords;
const { MAX_OPEN_ORDERS, MAX_POSITION_LOTS, MAX_STOP_ORDERS } = ruleNumbers;

/** Why a new order is one too many for its account (12 to 15 of section 7); or 0. */
export function checkCounts(
  shard: Shard,
  market: Market,
  { words, reals }: CommandRecord,
  orders: number,
): number {
  const account = words[ACCOUNT]!;
  const terms = words[TERMS]!;
  // 0 is one that is to be made known with the order, which has none before (new-order.ts).
  if (account !== 0 && !shard.accounts.has(account)) throw new Error("the account is not known");
  if (words[TIER]! > shard.tiers.count) throw new Error("the tier is not known");
  const position = shard.positions.find(account, market.number);
  const counts = shard.positions.rows.words;
  const open = position === 0 ? 0 : counts[position + OPEN_ORDERS]!;
  const stops = position === 0 ? 0 : counts[position + STOP_ORDERS]!;
  const { rules } = market;
  if (open + orders > rules[MAX_OPEN_ORDERS]!) return TOO_MANY_OPEN_ORDERS;
  if (isStopType(terms) && stops >= rules[MAX_STOP_ORDERS]!) return TOO_MANY_STOP_ORDERS;
  const most = rules[MAX_POSITION_LOTS]!;
  if (most > 0 && sideOf(terms) === BUY) {
    const lots = reals[POSITION_LOTS]! + openBuyLots(shard, account, market.number);
    if (lots + reals[LOTS]! > most) return ABOVE_MAX_POSITION;
  }
  return (market.stpModes & (1 << stpOf(terms))) === 0 ? STP_MODE_NOT_ALLOWED : 0;
}

/** The open lots of an account's buys in a market. */
export function openBuyLots(shard: Shard, account: number, market: number): number {
  const { words, reals } = shard.orders;
  let lots = 0;
  for (
    let order = shard.accounts.oldestOf(account);
    order !== 0;
    order = words[order + OWN_NEXT]!
  ) {
    const isBuy = sideOf(words[order + ORDER_TERMS]!) === BUY;
    if (isBuy && words[order + MARKET] === market) lots += reals[(order >> 1) + REMAINING]!;
  }
  return lots;
}
