import { Code, ConnectError } from "@connectrpc/connect";
import type { Matching } from "../context.ts";
import type { OrderId } from "../domain/command.ts";
import type { HoldVerdict, Wanted } from "../funds/funds.ts";
import type { Bounds, Outcome, Submission } from "../writer/submission.ts";
import type { ChangeLocks } from "./change-locks.ts";

/** Something to do with the books, for which an answer of some kind is wanted. */
export type Work<T> = {
  /** What has to be held for it first (FUND-1). */
  readonly wanted?: Wanted;
  /** What to answer when the ledger has not simply held it; undefined goes on. */
  readonly onHeld?: (verdict: HoldVerdict) => Promise<T | undefined>;
  /** The order that is changed, where what it needs held may change with it. */
  readonly changes?: OrderId;
  readonly submission: Submission;
  readonly answer: (outcome: Outcome) => T | Promise<T>;
};

/** What became of a work. */
export type Settled<T> = { readonly answer: T } | { readonly error: ConnectError };

/** What is done by itself, when what comes before it is done. */
export type Alone<T> = { readonly alone: () => Promise<T> };

/** What is prepared when its turn comes, since it depends on what comes before it. */
type Later<T> = {
  readonly later: () => Promise<Prepared<T>>;
  /** The order that it changes, where its id is known. */
  readonly order?: OrderId;
  /** Whether it may be done a second time with more money, so that no other change may pass it. */
  readonly isAmended?: boolean;
};

type Prepared<T> = Work<T> | Alone<T> | Settled<T>;

/** One of the things that are to be done in order. */
export type Step<T> = Work<T> | Later<T> | Settled<T>;

export type WorkMeans = Pick<Matching, "funds" | "writer"> & { readonly locks: ChangeLocks };

/** When works may be journaled, and who waits for that. */
export type Turn = {
  /** Settles when what comes before is applied; never rejects. */
  readonly before: Promise<unknown>;
  /** Says that the works are applied, or never will be; may be called more than once. */
  readonly done: () => void;
};

/**
 * Does works together and in order: the holds of all in one call of the ledger, then their commands
 * one behind the other, none of others in between. Each stands or falls for itself; what is thrown
 * concerns all of them, and whatever the outcome was, the same works may be asked for again. Holds
 * are taken before the turn of the works has come, and nothing is journaled before.
 */
export async function doWorks<T>(
  means: WorkMeans,
  steps: readonly Step<T>[],
  bounds: Bounds,
  turn?: Turn,
): Promise<Settled<T>[]> {
  const orders = steps.flatMap((step) =>
    "wanted" in step && step.wanted ? [step.wanted.order] : [],
  );
  try {
    using placing = means.funds.placing(orders);
    const held = await holdAll(placing.take, steps, bounds);
    await turn?.before;
    const results: Settled<T>[] = [];
    for (let from = 0; from < held.length;) {
      const until = nextTurn(held, from);
      const onApplied = until === held.length ? turn?.done : undefined;
      const ready = held.slice(from, until).map(async (step) => prepared(step));
      results.push(...(await doReady(means, await Promise.all(ready), { bounds, onApplied })));
      from = until;
    }
    return results;
  } finally {
    turn?.done();
  }
}

/** Where the next step is whose order was changed since, if one of the two is an amendment. */
function nextTurn<T>(steps: readonly Step<T>[], from: number): number {
  const before = new Map<OrderId, boolean>();
  for (let at = from; at < steps.length; at++) {
    const step = steps[at]!;
    if (!("later" in step) || step.order === undefined) continue;
    const { order, isAmended = false } = step;
    const wasAmended = before.get(order);
    if (wasAmended !== undefined && (wasAmended || isAmended)) return at;
    before.set(order, isAmended);
  }
  return steps.length;
}

type Applying = { readonly bounds: Bounds; readonly onApplied: (() => void) | undefined };

async function doReady<T>(
  means: WorkMeans,
  steps: readonly Prepared<T>[],
  { bounds, onApplied }: Applying,
): Promise<Settled<T>[]> {
  const runs = runsOf(steps);
  const results: Settled<T>[] = [];
  for (const [place, run] of runs.entries()) {
    const then = { bounds, onApplied: place === runs.length - 1 ? onApplied : undefined };
    if ("alone" in run) results.push(await settle(run.alone));
    else results.push(...(await submitAll(means, run.together, then)));
  }
  return results;
}

type Run<T> = Alone<T> | { readonly together: (Work<T> | Settled<T>)[] };

/** Cuts steps where one has to be done alone; what is between goes together. */
function runsOf<T>(steps: readonly Prepared<T>[]): Run<T>[] {
  const runs: Run<T>[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if ("alone" in step) runs.push(step);
    else if (last !== undefined && "together" in last) last.together.push(step);
    else runs.push({ together: [step] });
  }
  return runs;
}

/** Whether an amendment would need more money than was held for it (FUND-3). */
export function lacksMoney({ refusal }: Outcome): boolean {
  return refusal === "INSUFFICIENT_FUNDS";
}

/** Waits for an answer; a refusal is one too, and what else is thrown is an internal error. */
export async function settle<T>(work: () => T | Promise<T>): Promise<Settled<T>> {
  try {
    return { answer: await work() };
  } catch (error) {
    return { error: ConnectError.from(error, Code.Internal) };
  }
}

async function prepared<T>(step: Step<T>): Promise<Prepared<T>> {
  if (!("later" in step)) return step;
  const settled = await settle(step.later);
  return "answer" in settled ? settled.answer : settled;
}

/** Takes the holds of works; those that are over with it are settled then. */
async function holdAll<T>(
  take: (wanted: readonly Wanted[], signal?: AbortSignal) => Promise<HoldVerdict[]>,
  steps: readonly Step<T>[],
  { signal }: Bounds,
): Promise<Step<T>[]> {
  const wanted = steps.flatMap((step) => ("wanted" in step && step.wanted ? [step.wanted] : []));
  if (wanted.length === 0) return [...steps];
  const verdicts = await take(wanted, signal);
  let next = 0;
  return Promise.all(
    steps.map(async (step) => {
      if (!("wanted" in step) || step.wanted === undefined) return step;
      const verdict = verdicts[next++]!;
      if (verdict === "HELD" || step.onHeld === undefined) return step;
      const settled = await settle(async () => step.onHeld?.(verdict));
      if ("error" in settled) return settled;
      return settled.answer === undefined ? step : { answer: settled.answer };
    }),
  );
}

/** Journals the commands of works one behind the other, and waits for all answers. */
async function submitAll<T>(
  { writer, locks }: WorkMeans,
  steps: readonly (Work<T> | Settled<T>)[],
  { bounds, onApplied }: Applying,
): Promise<Settled<T>[]> {
  const works = steps.filter((step) => "submission" in step);
  if (works.length === 0) return steps as Settled<T>[];
  const changed = works.flatMap(({ changes }) => (changes === undefined ? [] : [changes]));
  const submissions = works.map(({ submission }) => submission);
  const outcomes = await locks.together(changed, async () => writer.submit(submissions, bounds));
  if (!outcomes.some(lacksMoney)) onApplied?.();
  let next = 0;
  return Promise.all(
    steps.map(async (step) => {
      if (!("submission" in step)) return step;
      const outcome = outcomes[next++]!;
      return settle(() => step.answer(outcome));
    }),
  );
}
