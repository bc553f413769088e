import { transaction } from "#mesh/database/transaction.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { MAX_FIRED_TRIGGERS, MAX_TRIGGER_TRADES } from "#mesh/limits.ts";
import { fireTriggers as fire, readWatchedMarkets } from "../store/fire-triggers.ts";
import { readFired } from "../store/triggers.ts";
import type { OrderMeans } from "./order-means.ts";
import { placeFired } from "./place-fired.ts";

/**
 * Looks at the trades since the last time, fires the triggers that they set off, and places the
 * orders of those that have fired, also of those that a crash has left behind (X6). It reads the
 * stored trades, never candles, so that no restart misses one. Tells whether there may be more.
 */
export async function fireTriggers(means: OrderMeans, signal: AbortSignal): Promise<Looked> {
  const { db } = means;
  let [fired, isMore] = [0, false];
  for (const market of await readWatchedMarkets(db.sql)) {
    if (signal.aborted) return undefined;
    const look = { market, trades: MAX_TRIGGER_TRADES, triggers: MAX_FIRED_TRIGGERS };
    const looked = await transaction(db, async (tx) => fire(tx, look));
    fired += looked.fired;
    isMore ||= looked.isMore;
  }
  const waiting = await readFired(db.sql, MAX_FIRED_TRIGGERS);
  const outcomes = waiting.map(async (trigger) => placeFired(means, trigger));
  const failure = (await Promise.allSettled(outcomes)).find(({ status }) => status === "rejected");
  if (failure?.status === "rejected") throw failure.reason; // the others are done; this comes again
  if (fired + waiting.length === 0) return isMore ? true : undefined;
  return isMore || waiting.length === MAX_FIRED_TRIGGERS;
}
