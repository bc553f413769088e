import { type Alarm, payoutAlarms, payoutsChanged } from "../events.ts";
import { dayReturns } from "../domain/day-return.ts";
import { afterMove, type Move } from "../domain/move.ts";
import type { Payout } from "../domain/payout.ts";
import { noteShort } from "../store/funds-alarms.ts";
import { returnDays } from "../store/provider-days.ts";
import { writeMoves } from "../store/write-moves.ts";
import type { Tx } from "../store/tables.ts";

/**
 * Writes moves and tells of them in one transaction; `committed` is the caller's to say. Returns
 * the payouts that have moved: one that had changed meanwhile is left as it is.
 */
export async function commitMoves(
  tx: Tx,
  moves: readonly Move[],
): Promise<ReadonlyMap<string, Payout>> {
  const { ids, atMs } = await writeMoves(tx, moves);
  const won = moves.filter(({ before }) => ids.has(before.id));
  const after = won.map((move) => timed(afterMove(move), move, atMs));
  await returnDays(tx, won.flatMap(dayReturns));
  await payoutsChanged(tx, after, atMs);
  await tellConcerns(tx, won);
  return new Map(after.map((payout) => [payout.id, payout]));
}

/** The times that the rows have. */
function timed(payout: Payout, { attempts }: Move, atMs: number): Payout {
  const changed = new Set(attempts.map(({ no }) => no));
  return {
    ...payout,
    updatedAtMs: atMs,
    attempts: payout.attempts.map((attempt) =>
      changed.has(attempt.no)
        ? { ...attempt, createdAtMs: attempt.createdAtMs || atMs, updatedAtMs: atMs }
        : attempt,
    ),
  };
}

/** Tells what needs somebody; that a provider lacks money is told once in a while, not each time. */
async function tellConcerns(tx: Tx, moves: readonly Move[]): Promise<void> {
  const alarms = moves.flatMap(({ before, concerns = [] }) =>
    concerns.map((concern): Alarm => ({ payoutId: before.id, ...concern })),
  );
  if (alarms.length === 0) return;
  const short = alarms.filter(({ kind }) => kind === "FUNDS_LOW");
  const due = await noteShort(tx, [...new Set(short.map(({ provider }) => provider))]);
  const first = due.map((name): Alarm => {
    const { kind, detail } = short.find(({ provider }) => provider === name)!;
    return { kind, payoutId: "", provider: name, detail };
  });
  await payoutAlarms(tx, [...alarms.filter(({ kind }) => kind !== "FUNDS_LOW"), ...first]);
}
