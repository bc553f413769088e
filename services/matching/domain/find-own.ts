import type { CommandRecord } from "./command-record.ts";
import * as commandWords from "./command-record.ts";
import * as factWords from "./facts.ts";
import type { Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import type { Shard } from "./shard.ts";

const { ACCOUNT: ACCOUNT_WORD } = commandWords;
const { ACCOUNT } = factWords;
const { MARKET } = orderWords;

/**
 * The live order whose id a record has at a place, if it is of the record's account and in the
 * market; else 0, whatever it is (BOOK-3).
 */
export function findOwn(
  shard: Shard,
  market: Market,
  record: CommandRecord,
  place: number,
): number {
  const order = shard.ids.find(record.words, place);
  const { words } = shard.orders;
  const isOwn =
    words[order + ACCOUNT] === record.words[ACCOUNT_WORD] &&
    words[order + MARKET] === market.number;
  return isOwn ? order : 0;
}
