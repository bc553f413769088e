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
 * pay, has the ledger book that, and writes down what became of them. All of them share the calls;
 * who waits for the ledger alone does not wait for what settlement answers of others. Whatever fails
 * leaves a withdrawal due for the next time; every step may be repeated, by several processes at once
 * too.
 */
export async function advance(
  saga: Saga,
  rows: readonly Withdrawal[],
  endMs: number,
): Promise<void> {
  const [paid, others] = split(
    rows.map((row) => ({ from: row, to: row })),
    isBookable,
  );
  await Promise.all([bookAll(saga, paid, endMs), begin(saga, others, endMs)]);
  await failpoint("withdrawal.finished");
}

type Way = { readonly from: Withdrawal; readonly to: Withdrawal };

async function begin(saga: Saga, ways: readonly Way[], endMs: number): Promise<void> {
  if (ways.length === 0) return;
  const started = await onlyFor(ways, ["HOLD"], async (some) => hold(saga, some, endMs));
  await failpoint("withdrawal.held");
  // Who is refused by the ledger is told so, and does not wait for what others' banks say.
  const [refused, going] = split(started, ({ from, to }) => to !== from && hasEnded(to));
  saga.watched.tellHeld(going.flatMap(({ from, to }) => (to === from ? [] : [to.id])));
  const [paid, unpaid] = split(going, isBookable);
  await Promise.all([
    finish(saga, refused, endMs),
    bookAll(saga, paid, endMs),
    payAll(saga, unpaid, endMs),
  ]);
}

async function payAll(saga: Saga, ways: readonly Way[], endMs: number): Promise<void> {
  if (ways.length === 0) return;
  const asked = await onlyFor(ways, ["PAY"], async (some) => pay(saga, some, endMs));
  await failpoint("withdrawal.paid");
  await bookAll(saga, asked, endMs);
}

const bookings = ["CAPTURE", "RELEASE", "REFUND"] as const;

function isBookable({ to }: Way): boolean {
  return bookings.some((step) => step === nextStep(to));
}

async function bookAll(saga: Saga, ways: readonly Way[], endMs: number): Promise<void> {
  if (ways.length === 0) return;
  const done = await onlyFor(ways, bookings, async (some) => book(saga, some, endMs));
  await failpoint("withdrawal.booked");
  await finish(saga, done, endMs);
}

/** Writes down what has happened, which is worth some patience: else all of it is asked again. */
async function finish(saga: Saga, ways: readonly Way[], endMs: number): Promise<void> {
  if (ways.length === 0) return;
  saga.watched.tell(await insist(async () => record(saga, ways), endMs));
}

/** Takes a step of those that need it; the others stay as they are. */
async function onlyFor(
  ways: readonly Way[],
  steps: readonly Step[],
  take: (rows: readonly Withdrawal[]) => Promise<Withdrawal[]>,
): Promise<readonly Way[]> {
  const concerned = ways.flatMap(({ to }) => (steps.includes(nextStep(to)) ? [to] : []));
  if (concerned.length === 0) return ways;
  const changed = new Map((await take(concerned)).map((row) => [row.id, row]));
  return ways.map(({ from, to }) => ({ from, to: changed.get(to.id) ?? to }));
}

/** Those that something holds for, and the others. */
function split<T>(all: readonly T[], holds: (one: T) => boolean): readonly [T[], T[]] {
  const { yes = [], no = [] } = Object.groupBy(all, (one) => (holds(one) ? "yes" : "no"));
  return [yes, no];
}
