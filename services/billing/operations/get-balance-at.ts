import type { Billing } from "../context.ts";
import type { Id } from "../domain/account.ts";
import type { Balances } from "../domain/transfer.ts";
import { fail } from "../errors.ts";
import { findBalancesAt } from "../store/balances.ts";
import { findSeqUntil, findTimeOfSeq } from "../store/seq-times.ts";
import { findPlace } from "../store/transfers.ts";
import { caughtUp, type Moment } from "../writer/caught-up.ts";
import type { Bounds } from "../writer/work.ts";

/** When: after all transfers until a time, in microseconds since 1970, or after one by its number. */
export type When = { readonly atUs: number } | { readonly seq: number };

/** What an account had at a moment. */
export type BalancesAt = {
  readonly ledger: number;
  readonly balances: Balances;
  /** The number of the last transfer of the shard by then. */
  readonly asOfSeq: number;
};

/**
 * Reads the counters that an account had at a moment (EXT-5). Throws ACCOUNT_NOT_FOUND,
 * BEFORE_ACCOUNT for a moment before the account was opened, and IN_THE_FUTURE.
 */
export async function getBalanceAt(
  { db, writer }: Billing,
  { accountId, when }: { readonly accountId: Id; readonly when: When },
  bounds: Bounds,
): Promise<BalancesAt> {
  const moment = await caughtUp(writer, bounds);
  const place = await findPlace(db, accountId);
  if (place === undefined) throw fail("ACCOUNT_NOT_FOUND", { account_id: accountId });
  const { untilUs, endUs, asOfSeq } = await momentOf(db, when, moment);
  if (place.sinceUs > endUs) throw fail("BEFORE_ACCOUNT", { account_id: accountId });
  return { ledger: place.ledger, balances: await findBalancesAt(db, place, untilUs), asOfSeq };
}

/**
 * The last time of what counts, the last that belongs to the moment, and the number of the last
 * transfer by then. "After a transfer" lasts until the next one: an account that was opened meanwhile
 * is there, with nothing.
 */
async function momentOf(db: Billing["db"], when: When, { lastSeq, lastAtUs, nowUs }: Moment) {
  if ("atUs" in when) {
    const { atUs } = when;
    if (atUs > Math.max(nowUs, lastAtUs)) throw fail("IN_THE_FUTURE");
    const untilUs = Math.min(atUs, lastAtUs);
    return { untilUs, endUs: atUs, asOfSeq: await findSeqUntil(db, untilUs) };
  }
  const { seq } = when;
  if (seq > lastSeq) throw fail("IN_THE_FUTURE");
  if (seq === lastSeq) return { untilUs: lastAtUs, endUs: Infinity, asOfSeq: seq };
  const nextUs = await findTimeOfSeq(db, seq + 1);
  return { untilUs: nextUs - 1, endUs: nextUs, asOfSeq: seq };
}
