import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { MAX_APPLIED_CALLBACKS, MAX_CALLBACK_PAUSE_MS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { lockDueCallbacks, postponeCallback, settleCallbacks } from "../store/callbacks.ts";
import { applyNews } from "./apply-news.ts";

type Needed = Pick<Settlement, "db" | "banks" | "log" | "metrics">;

/**
 * Applies stored call-backs in the order of their arrival, each once: what it did is written with
 * its effect. One that can't be applied is put off, so that no other waits for it. Tells whether
 * there may be more.
 */
export async function applyCallbacks(settlement: Needed): Promise<Looked> {
  try {
    const count = await applyDue(settlement, MAX_APPLIED_CALLBACKS);
    return count === 0 ? undefined : count === MAX_APPLIED_CALLBACKS;
  } catch (error) {
    settlement.log.warn({ err: error }, "call-backs are applied one by one");
    for (let left = MAX_APPLIED_CALLBACKS; left > 0; left -= 1) {
      if (!(await applyFirst(settlement))) return false;
    }
    return true;
  }
}

async function applyFirst(settlement: Needed): Promise<boolean> {
  try {
    return (await applyDue(settlement, 1)) === 1;
  } catch (error) {
    const about = await postponeCallback(settlement.db.sql, MAX_CALLBACK_PAUSE_MS);
    settlement.log.error({ err: error, ...about }, "a call-back can't be applied");
    return about !== undefined;
  }
}

/** Applies at most so many in one transaction; tells how many there were. */
async function applyDue(settlement: Needed, most: number): Promise<number> {
  const { db, log, metrics } = settlement;
  const done = await transaction(db, async (tx) => {
    const due = await lockDueCallbacks(tx, most);
    if (due.length === 0) return [];
    const effects = await applyNews(tx, settlement, due);
    const applied = due.map(({ seq, provider, ref }, index) => {
      return { seq, provider, ref, effect: effects[index]! };
    });
    await settleCallbacks(tx, applied);
    return applied;
  });
  if (done.length > 0) committed();
  const counter = metrics.counter(
    "mizan_settlement_callbacks_applied_total",
    "Call-backs of banks by what they did.",
  );
  for (const { provider, effect, ref } of done) {
    counter.add({ provider, effect });
    if (effect === "STRANGE") log.warn({ provider, ref }, "a bank tells of a reference of nobody");
  }
  return done.length;
}
