import { isError, isLost } from "#mesh/database/failure.ts";
import { committed } from "#mesh/events/outbox.ts";
import { MAX_COMMIT_EVENTS, MAX_COMMIT_REFUSALS } from "#mesh/limits.ts";
import type { Bell } from "#mesh/shard/bell.ts";
import { FenceLost, underLease } from "#mesh/shard/hold-shard.ts";
import type { Assets } from "../domain/asset.ts";
import { ledgerShard } from "../store/ledger-shard.ts";
import { type EncodedCommit, FENCE_LOST, storeCommit } from "../store/store-commit.ts";
import { type Batch, newBatch, seal } from "./batch.ts";
import type { Books } from "./books.ts";
import type { Commits } from "./commits.ts";
import { fill, msToExpiry } from "./fill.ts";
import type { Queue } from "./queue.ts";
import type { UsedIds } from "./used-ids.ts";
import type { Job } from "./work.ts";

/** What serving needs, beside the books. */
export type Desk = {
  readonly queue: Queue;
  /** Rings when there is something new to do. */
  readonly bell: Bell;
  readonly commits: Commits;
  readonly usedIds: UsedIds;
  /** What is counted, as far as it is committed. */
  readonly assets: Assets;
  /** Nothing more will come. */
  readonly isClosing: () => boolean;
  /** Is told of each commit: how many transfers it has, and how long it took. */
  readonly observe: (transfers: number, seconds: number) => void;
};

/**
 * Decides what is queued and commits it, until the desk closes and all is done. While one commit
 * is in flight the next batch is decided, and as soon as it returns that batch follows (WR-2).
 * Throws when memory may differ from the database: then the books have to be opened anew, and all
 * jobs without an answer are back in the queue, in their order (WR-5, L21).
 */
export async function serve(books: Books, desk: Desk): Promise<void> {
  const state: State = { batch: newBatch(), inFlight: undefined, failure: undefined };
  desk.assets.learn(books.register.assets.all);
  void books.lost.then((error) => fall(state, desk, error));
  try {
    while (!desk.isClosing() || desk.queue.eventCount > 0 || !isIdle(state)) {
      if (state.failure !== undefined) throw state.failure;
      const hasDone = ship(state, books, desk) || (await work(state, books, desk));
      if (!hasDone) await desk.bell.wait(msToExpiry(books));
    }
  } finally {
    await state.inFlight?.done;
    putBack(state, desk);
  }
}

type State = {
  /** What is being decided. */
  batch: Batch;
  /** What is being stored; `done` settles when that has ended, well or badly, and never throws. */
  inFlight: { readonly batch: Batch; readonly done: Promise<void> } | undefined;
  failure: Error | undefined;
};

function isIdle({ batch, inFlight }: State): boolean {
  return inFlight === undefined && batch.eventCount === 0 && batch.jobs.length === 0;
}

/** Sends the batch off when no other is in flight; only seals it when it is full. */
function ship(state: State, books: Books, desk: Desk): boolean {
  const { batch } = state;
  if (state.inFlight !== undefined) {
    const isFull = batch.eventCount >= MAX_COMMIT_EVENTS && batch.sealed === undefined;
    if (isFull) close(batch, books, desk);
    return isFull;
  }
  if (isIdle(state)) return false;
  const { commit } = batch.sealed ?? close(batch, books, desk);
  state.batch = newBatch();
  if (commit === undefined && books.lease.isHeld()) {
    for (const answer of batch.answers) answer(); // nothing new, and all before it is stored
  } else {
    const startMs = performance.now();
    const done = store(books, commit)
      .then(
        () => finish(state, books, desk, startMs),
        (error) => fall(state, desk, blame(batch.jobs, error)),
      )
      .catch((error: unknown) => fall(state, desk, error as Error));
    state.inFlight = { batch, done };
  }
  return true;
}

/** Stores a commit, which renews the lease. Without one the lease alone is renewed. */
async function store(books: Books, commit: EncodedCommit | undefined): Promise<void> {
  const { commits, fence } = books;
  await underLease(books, async () =>
    commit === undefined ? ledgerShard.renew(commits, fence) : storeCommit(commits, commit),
  );
}

/** Seals a batch; where a decision broke off half-way, each of its jobs is tried alone next (L3). */
function close(batch: Batch, books: Books, { usedIds }: Desk) {
  try {
    return seal(batch, books, usedIds);
  } catch (error) {
    throw blame(batch.jobs, error);
  }
}

/** The batch in flight has been stored: now, and not before, its answers leave (WR-5). */
function finish(state: State, { ledger, fence }: Books, desk: Desk, startMs: number): void {
  const { bell, commits, observe } = desk;
  const { answers, sealed } = state.inFlight!.batch;
  state.inFlight = undefined;
  const { commit, transfers, told, assets, events } = sealed!;
  desk.assets.learn(assets);
  for (const answer of answers) answer();
  const accountOf = (slot: number) => ledger.bySlot(slot)!;
  commits.add({ epoch: fence.epoch, transfers, opened: told, accountOf });
  if (events.length > 0) committed();
  if (commit !== undefined) observe(transfers.length, (performance.now() - startMs) / 1000);
  bell.ring();
}

async function work({ batch }: State, books: Books, desk: Desk): Promise<boolean> {
  const isDecided = batch.jobs.length;
  try {
    return await fill(batch, books, desk);
  } catch (error) {
    throw blame(batch.jobs.slice(isDecided), error);
  }
}

/** What PostgreSQL refuses is a bug of ours: it must not keep the others from being served (L3). */
function blame(jobs: readonly Job[], error: unknown): Error {
  const isOurs = error instanceof FenceLost || isError(error, FENCE_LOST, ...TROUBLES);
  const isTheirs = !isLost(error) && !isOurs;
  if (isTheirs) for (const job of jobs) job.refusals += 1;
  return error as Error;
}

/** The server has no disk, memory or room left, or it stopped a statement, or met a deadlock. */
const TROUBLES = ["53000", "53100", "53200", "53400", "57014", "40P01"];

function fall(state: State, { bell }: Desk, error: Error): void {
  state.failure ??= error;
  bell.ring();
}

/** Hands the jobs that have no answer back, but for those that were refused too often. */
function putBack({ batch, inFlight, failure }: State, { queue }: Desk): void {
  const jobs = [...(inFlight?.batch.jobs ?? []), ...batch.jobs];
  for (const job of jobs) if (job.refusals >= MAX_COMMIT_REFUSALS) job.reject(failure);
  queue.putBack(jobs.filter((job) => job.refusals < MAX_COMMIT_REFUSALS));
}
