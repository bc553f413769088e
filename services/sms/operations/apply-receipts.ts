import { transaction } from "#mesh/database/transaction.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { MAX_APPLIED_RECEIPTS, PARKED_RECEIPT_MS, RECEIPT_LAG_SECONDS } from "#mesh/limits.ts";
import type { Following } from "../context.ts";
import { idleOutcome, movingReceipt, type ReceiptOutcome } from "../domain/receipt.ts";
import { addNotes } from "../store/message-moves.ts";
import { findStates } from "../store/received-messages.ts";
import {
  type DueReceipt,
  hasDueReceipts,
  lockDueReceipts,
  type Settled,
  settleReceipts,
} from "../store/receipts.ts";
import type { Tx } from "../store/tables.ts";
import { type Advance, advanceMessages } from "./advance-messages.ts";
import { findReceived, type Received } from "./find-received.ts";

/**
 * Applies a batch of the receipts that are due, oldest first: what became of each is written with
 * its effect. One whose message is not known yet is looked at again for a while (DLR-4). Tells
 * whether there may be more.
 */
export async function applyReceipts(sms: Following): Promise<Looked> {
  if (!(await hasDueReceipts(sms.db))) return undefined;
  const settled = await transaction(sms.db, async (tx) => applyDue(sms, tx));
  count(sms, settled);
  return settled.length === MAX_APPLIED_RECEIPTS;
}

async function applyDue(sms: Following, tx: Tx): Promise<Judged[]> {
  const due = await lockDueReceipts(tx, MAX_APPLIED_RECEIPTS);
  if (due.length === 0) return [];
  const { received, unknown } = await findReceived(tx, due, sms.terms.parkMs);
  const moving = received.flatMap(toAdvance);
  const moved = await advanceMessages(sms, tx, moving);
  const states = new Map(moved.map(({ messageId, state }) => [messageId, state]));
  const unmoved = moving.filter(({ messageId }) => !states.has(messageId));
  const others = await findStates(
    tx,
    unmoved.map(({ messageId }) => messageId),
  );
  const judged = received.flatMap((one) => {
    const { messageId, state } = one.message;
    const isMoved = states.has(messageId);
    return judge(one, states.get(messageId) ?? others.get(messageId) ?? state, isMoved);
  });
  const all = [...judged, ...unknown.map((receipt) => ({ receipt }))].map((one) =>
    parked(one, sms.terms.parkMs),
  );
  await settleReceipts(tx, all);
  await addNotes(tx, all.flatMap(toNote));
  return all;
}

/** What is written of a receipt, which still knows its age. */
type Judged = Settled & { readonly receipt: DueReceipt };

function toAdvance({ message, receipts }: Received): Advance[] {
  const index = movingReceipt(
    message.state,
    receipts.map(({ state }) => state),
  );
  if (index === undefined) return [];
  const { messageId, chunkId } = message;
  return [{ messageId, chunkId, input: { kind: "RECEIPT", state: receipts[index]!.state } }];
}

function judge(
  { message: { messageId, state: before }, receipts }: Received,
  state: Received["message"]["state"],
  isMoved: boolean,
): Judged[] {
  const moving = isMoved
    ? movingReceipt(
        before,
        receipts.map((one) => one.state),
      )
    : undefined;
  return receipts.map((receipt, index) => {
    const outcome = index === moving ? "APPLIED" : idleOutcome(receipt.state, state);
    return { receipt, messageId, ...(outcome && { outcome }) };
  });
}

/** Gives a receipt without an outcome a pause that grows with its age, and an end (DLR-4). */
function parked(judged: Judged, parkMs: number): Judged {
  if (judged.outcome !== undefined) return judged;
  const { ageMs } = judged.receipt;
  if (ageMs >= parkMs) return { ...judged, outcome: "UNMATCHED" };
  const pauseMs = Math.min(Math.max(ageMs, PARKED_RECEIPT_MS), parkMs - ageMs);
  return { ...judged, pauseMs };
}

function toNote({ receipt, messageId, outcome }: Judged) {
  if (outcome !== "LATE" || messageId === undefined) return [];
  return [{ messageId, kind: "LATE_RECEIPT", detail: receipt.state }];
}

function count({ metrics }: Following, settled: readonly Judged[]): void {
  const receipts = metrics.counter("mizan_sms_receipts_total", "Receipts by what became of them.");
  const lag = metrics.histogram(
    "mizan_sms_receipt_lag_seconds",
    "How long receipts took to have their effect.",
    RECEIPT_LAG_SECONDS,
  );
  const counts = new Map<ReceiptOutcome, number>();
  for (const { receipt, outcome } of settled) {
    if (outcome === undefined) continue;
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (outcome === "APPLIED") lag.observe(receipt.ageMs / 1000);
  }
  for (const [outcome, by] of counts) receipts.add({ outcome: outcome.toLowerCase() }, by);
}
