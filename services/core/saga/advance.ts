import { failpoint } from "#mesh/failpoint.ts";
import type { Withdrawing } from "../context.ts";
import { hasEnded, nextStep, type Step, type Withdrawal } from "../domain/withdrawal.ts";
import { book } from "./book.ts";
import { hold } from "./holds.ts";
import { insist } from "./insist.ts";
import { pay } from "./payouts.ts";
import { record } from "./record.ts";
import type { Watched } from "./watched.ts";

/** What carries withdrawals out, and tells those who wait for them. */
export type Saga = Withdrawing & { readonly watched: Watched };

/**
 * Takes withdrawals as far as they go, from wherever they are: holds credit and pool, has settlement
 * pay, has the ledger book that, and writes down what became of them. All of them share the calls.
 * Whatever fails leaves a withdrawal due for the next time; every step may be repeated, by several
 * processes at once too.
 */
export async function advance(
  saga: Saga,
  rows: readonly Withdrawal[],
  endMs: number,
): Promise<void> {
  const started = await onlyFor(rows, ["HOLD"], async (some) => hold(saga, some, endMs));
  await failpoint("withdrawal.held");
  const ways = rows.map((from, at) => ({ from, to: started[at]! }));
  // Who is refused by the ledger is told so, and does not wait for what others' banks say.
  const isOver = ({ from, to }: (typeof ways)[number]) => to !== from && hasEnded(to);
  const refused = ways.filter(isOver);
  const going = refused.length === 0 ? ways : ways.filter((way) => !isOver(way));
  saga.watched.tellHeld(going.flatMap(({ from, to }) => (to === from ? [] : [to.id])));
  await Promise.all([finish(saga, refused, endMs), goOn(saga, going, endMs)]);
  await failpoint("withdrawal.finished");
}

type Way = { readonly from: Withdrawal; readonly to: Withdrawal };

async function goOn(saga: Saga, ways: readonly Way[], endMs: number): Promise<void> {
  let now: readonly Withdrawal[] = ways.map(({ to }) => to);
  now = await onlyFor(now, ["PAY"], async (some) => pay(saga, some, endMs));
  await failpoint("withdrawal.paid");
  const bookings = ["CAPTURE", "RELEASE", "REFUND"] as const;
  now = await onlyFor(now, bookings, async (some) => book(saga, some, endMs));
  await failpoint("withdrawal.booked");
  await finish(
    saga,
    ways.map(({ from }, at) => ({ from, to: now[at]! })),
    endMs,
  );
}

/** Writes down what has happened, which is worth some patience: else all of it is asked again. */
async function finish(saga: Saga, ways: readonly Way[], endMs: number): Promise<void> {
  if (ways.length === 0) return;
  saga.watched.tell(await insist(async () => record(saga, ways), endMs));
}

/** Takes a step of those that need it; the others stay as they are. */
async function onlyFor(
  rows: readonly Withdrawal[],
  steps: readonly Step[],
  take: (rows: readonly Withdrawal[]) => Promise<Withdrawal[]>,
): Promise<readonly Withdrawal[]> {
  const concerned = rows.filter((row) => steps.includes(nextStep(row)));
  if (concerned.length === 0) return rows;
  const changed = new Map((await take(concerned)).map((row) => [row.id, row]));
  return rows.map((row) => changed.get(row.id) ?? row);
}
