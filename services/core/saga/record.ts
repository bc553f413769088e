import { WITHDRAWAL_PAUSES_MS } from "#mesh/limits.ts";
import { derivedId, uuidOf } from "#mesh/ids.ts";
import type { Withdrawing } from "../context.ts";
import type { NotificationType } from "../domain/notification.ts";
import { toMoney } from "../domain/credit-money.ts";
import { nextStep, type Withdrawal, type WithdrawalState } from "../domain/withdrawal.ts";
import { notificationsMade } from "../events.ts";
import * as store from "../store/withdrawal-moves.ts";
import { answerOf } from "./answer.ts";

/** How far a withdrawal has come. */
export type Way = { readonly from: Withdrawal; readonly to: Withdrawal };

/**
 * Writes down how far withdrawals have come and tells their merchants of ends, in one statement; the
 * others are due again after a pause, which grows while nothing changes. Returns what has changed.
 */
export async function record(
  { db, metrics }: Pick<Withdrawing, "db" | "metrics">,
  ways: readonly Way[],
): Promise<store.Current[]> {
  const changed = ways.filter(({ from, to }) => to !== from);
  const waits = ways.flatMap(({ from, to }) => {
    const isWaiting = to === from && nextStep(to) !== "NONE";
    const { id, payoutVersion } = to;
    return isWaiting ? [{ id, payoutVersion, dueMs: pauseMs(to) }] : [];
  });
  const moves = changed.map(toMove);
  const createdAtMs = Date.now();
  const told = moves.flatMap(({ to, told: news }) =>
    news ? [{ ...news, personId: to.merchantId, createdAtMs }] : [],
  );
  const moved = await store.moveWithdrawals(db.sql, moves, notificationsMade(told));
  await store.postponeWithdrawals(db.sql, waits);
  const ends = metrics.counter("mizan_withdrawals_total", "Withdrawals by how they ended.");
  for (const { row } of moved) if (types.has(row.state)) ends.add({ state: row.state });
  return moved;
}

function toMove({ from, to }: Way): store.Move {
  const next = nextStep(to);
  const isDone = next === "NONE";
  // A payout that came back meanwhile is given back at once.
  const dueMs = isDone ? undefined : next === "REFUND" ? 0 : pauseMs({ ...to, tries: 0 });
  const answer = to.state === "RETURNED" ? answerOf(from) : undefined;
  return { to, dueMs, answer, told: toNotification(to) };
}

/** How long a withdrawal waits until it is taken up again: longer each time. */
function pauseMs({ tries }: Pick<Withdrawal, "tries">): number {
  return WITHDRAWAL_PAUSES_MS[tries] ?? WITHDRAWAL_PAUSES_MS.at(-1)!;
}

function toNotification(to: Withdrawal): store.Move["told"] {
  const type = types.get(to.state);
  if (type === undefined) return undefined;
  const { id: withdrawal_id, reason, bankReference: bank_reference } = to;
  return {
    id: uuidOf(derivedId(`notification/${type}/${to.id}`)),
    type,
    values: { ...toMoney(to.amount), withdrawal_id, reason, bank_reference },
  };
}

/** What merchants are told of ends. */
const types: ReadonlyMap<WithdrawalState, NotificationType> = new Map<
  WithdrawalState,
  NotificationType
>([
  ["SUCCEEDED", "WITHDRAWAL_SUCCEEDED"],
  ["FAILED", "WITHDRAWAL_FAILED"],
  ["CANCELLED", "WITHDRAWAL_FAILED"],
  ["RETURNED", "WITHDRAWAL_RETURNED"],
]);
