import { ok } from "node:assert";
import { type Coalesced, coalesce } from "#mesh/coalesce.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import { failpoint } from "#mesh/failpoint.ts";
import { MAX_RECORDED_PAYOUTS, MAX_WAITING_TRANSFERS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { decideOutcome } from "../domain/decide-outcome.ts";
import type { Payout } from "../domain/payout.ts";
import { positionOf } from "../domain/payout-machine.ts";
import { currentAttempt } from "../domain/send-payout.ts";
import type { Outcome } from "../providers/bank.ts";
import { findPayouts } from "../store/read-payouts.ts";
import { keptWords } from "./kept-words.ts";
import { commitMoves } from "./commit-moves.ts";
import { payersOf } from "./routing.ts";

/** A payout that was handed to its provider, and what became of that. */
export type Called = { readonly payout: Payout; readonly outcome: Outcome };

/** Records outcomes, those of many calls in one commit (T2'); answers what the payouts are then. */
export function createRecorder(
  settlement: Pick<Settlement, "db" | "banks">,
): Coalesced<Called, Payout> {
  return coalesce({
    flush: async (called) => record(settlement, called),
    maxItems: MAX_RECORDED_PAYOUTS,
    maxWaiting: MAX_WAITING_TRANSFERS,
    maxRunning: 2,
  });
}

async function record(
  { db, banks }: Pick<Settlement, "db" | "banks">,
  called: readonly Called[],
): Promise<Payout[]> {
  const moves = called.map(({ payout, outcome }) =>
    decideOutcome(payout, keptWords(outcome, payout), payersOf(banks, payout.amountMinor)),
  );
  const moved = await transaction(db, async (tx) => commitMoves(tx, moves));
  committed();
  await failpoint("payout.recorded");
  const others = called.flatMap(({ payout: { id } }) => (moved.has(id) ? [] : [id]));
  const found = await findPayouts(db.sql, others);
  const known = new Map<string, Payout>(found.map((payout) => [payout.id, payout]));
  const again = called.flatMap(({ payout, outcome }) => {
    const now = known.get(payout.id);
    return now && isSameCall(now, payout) ? [{ payout: now, outcome }] : [];
  });
  const late = again.length === 0 ? [] : await record({ db, banks }, again);
  for (const payout of late) known.set(payout.id, payout);
  return called.map(({ payout: { id } }) => {
    const now = moved.get(id) ?? known.get(id);
    ok(now, "a payout that was sent is stored");
    return now;
  });
}

/**
 * Whether a payout that has changed is still in the call that it was handed over for: something was
 * noted of it, such as a contradiction. A call that begins anew writes its attempt anew.
 */
function isSameCall(now: Payout, called: Payout): boolean {
  if (positionOf(now) !== "SENDING SUBMITTING" || now.provider !== called.provider) return false;
  return currentAttempt(now).updatedAtMs === currentAttempt(called).updatedAtMs;
}
