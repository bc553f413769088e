import type { OrderId } from "./command.ts";
import * as extraWords from "./extras.ts";
import * as factWords from "./facts.ts";
import type { OrderView } from "./order-view.ts";
import { EXTRA, KEY, LOTS, MARKET, OWN_NEXT, SESSION, WAITING } from "./orders.ts";
import { siblingOf } from "./releases.ts";
import type { Shard } from "./shard.ts";
import { fromTerms } from "./terms.ts";
import { readAmount, readHex, toWords } from "./words.ts";

/** A live order by its id. */
export function findOrder(shard: Shard, id: OrderId): OrderView | undefined {
  const order = shard.ids.find(toWords(id), 0);
  return order === 0 ? undefined : readOrder(shard, order);
}

/** The live orders of an account, oldest first, behind one of them; market 0 is all. */
export function listOrders(
  shard: Shard,
  of: { readonly account: number; readonly market: number },
  limit: number,
  after?: OrderId,
): OrderView[] {
  const { words } = shard.orders;
  const listed: OrderView[] = [];
  if (!shard.accounts.has(of.account)) return listed;
  const last = after === undefined ? 0 : shard.ids.find(toWords(after), 0);
  const isOwn = last !== 0 && words[last + factWords.ACCOUNT] === of.account;
  let order = isOwn ? words[last + OWN_NEXT]! : shard.accounts.oldestOf(of.account);
  for (; order !== 0 && listed.length < limit; order = words[order + OWN_NEXT]!) {
    const isMeant = of.market === 0 || words[order + MARKET] === of.market;
    if (isMeant) listed.push(readOrder(shard, order));
  }
  return listed;
}

function readOrder(shard: Shard, order: number): OrderView {
  const { words, reals } = shard.orders;
  const id = readHex(words, order + factWords.ID, 4);
  const key = words[order + KEY]!;
  const sibling = siblingOf(shard, order);
  return {
    order: id,
    account: words[order + factWords.ACCOUNT]!,
    market: words[order + MARKET]!,
    ...fromTerms(words[order + factWords.TERMS]!),
    tier: words[order + factWords.TIER]! & 0xffff,
    price: words[order + factWords.PRICE]!,
    reservePrice: words[order + factWords.RESERVE]!,
    lots: reals[(order >> 1) + LOTS]!,
    remaining: reals[(order >> 1) + factWords.REMAINING]!,
    filledLots: reals[(order >> 1) + factWords.FILLED_LOTS]!,
    filledUnits: reals[(order >> 1) + factWords.FILLED_UNITS]!,
    takerLots: reals[(order >> 1) + factWords.TAKER_LOTS]!,
    takerUnits: reals[(order >> 1) + factWords.TAKER_UNITS]!,
    releases: words[order + factWords.RELEASES]!,
    amends: words[order + factWords.TIER]! >>> 16,
    session: words[order + SESSION]!,
    isWaiting: (words[order + factWords.TERMS]! & WAITING) !== 0,
    clientKey: key === 0 ? "" : shard.keys.keyOf(key),
    sibling: sibling === 0 ? "" : readHex(words, sibling + factWords.ID, 4),
    ...readExtra(shard, words[order + EXTRA]!),
    hold: readHold(shard, order) ?? id,
  };
}

function readExtra(
  { extras: { words, reals } }: Shard,
  row: number,
): Pick<OrderView, "stopPrice" | "expireMs" | "visibleLots" | "quoteMinor"> {
  if (row === 0) return { stopPrice: 0, expireMs: 0, visibleLots: 0, quoteMinor: 0n };
  return {
    stopPrice: words[row + extraWords.STOP_PRICE]!,
    expireMs: reals[(row >> 1) + extraWords.EXPIRE_MS]!,
    visibleLots: reals[(row >> 1) + extraWords.VISIBLE]!,
    quoteMinor: readAmount(words, row + extraWords.QUOTE),
  };
}

/** The id of the hold, where it may not be the order's own. */
function readHold({ orders, extras }: Shard, order: number): string | undefined {
  const row = orders.words[order + EXTRA]!;
  return row === 0 ? undefined : readHex(extras.words, row + extraWords.HOLD, 4);
}
