import { MAX_BATCH_COMMANDS, MAX_BURNED_ORDERS, MAX_QUEUED_COMMANDS } from "#mesh/limits.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { newId } from "#mesh/ids.ts";
import type { Metrics } from "#mesh/metrics.ts";
import { fail as failOfMesh } from "#mesh/reasons.ts";
import { createBell } from "#mesh/shard/bell.ts";
import type { CommandLog } from "../domain/command-log.ts";
import { fail } from "../errors.ts";
import { createApplier } from "./applier.ts";
import { type Books, takeBooks } from "./books.ts";
import { burn } from "./burn.ts";
import { createBurned } from "./burned.ts";
import { check, nowMsOf } from "./check.ts";
import type { Desk } from "./desk.ts";
import { createFlushes } from "./flushes.ts";
import { keepServing } from "./keep-serving.ts";
import { loadMemory } from "./load-memory.ts";
import type { Memory } from "./memory.ts";
import { observer } from "./observer.ts";
import { createQueue } from "./queue.ts";
import { standBy, type StandbyOptions } from "./standby.ts";
import type { Bounds, Outcome } from "./submission.ts";
import type { Job, Placed } from "./work.ts";
import type { Writer } from "./writer-api.ts";

/** Which books to write, and what to tell on the way. */
export type WriterOptions = StandbyOptions & {
  /** Take the shard when no other writer has it, as if nothing is said, or whoever has it. */
  readonly when?: "free" | "now";
  readonly metrics?: Metrics;
};

/** A writer that takes commands as records as well, for measurements. */
export type RecordWriter = Writer & {
  /**
   * Journals so many commands that `write` adds to a log, with the numbers of accounts and tiers
   * that the engine knows; settles when they are applied. `write` runs again after a failed commit.
   */
  submitRecords(count: number, write: (log: CommandLog) => void): Promise<Placed>;
};

/**
 * Takes the shard as soon as it may, standing by until then, and begins to write. Throws a
 * JournalError when the journal can't be gone on with, and the reason of the signal that ends the
 * wait.
 */
export async function startWriter(wanted: WriterOptions): Promise<RecordWriter> {
  const options = { ...wanted, owner: `${wanted.owner} ${newId()}` };
  const { queue, desk, observe, state } = createParts(options);
  let books = await openBooks(options, desk, observe.standsBy);
  const setBooks = (opened: Books | undefined) => {
    state.isReady = opened !== undefined;
    if (opened === undefined) return;
    books = opened;
    desk.applier.show(opened.memory.engine);
    observe.taken(opened);
  };
  const serving = keepServing(books, desk, { ...options, setBooks });
  const ended = serving.then((reason) => {
    state.isClosing = true;
    state.isReady = false;
    queue.refuse(shuttingDown());
    for (const { jobs, row } of desk.unanswered) {
      const why = row === undefined ? shuttingDown() : fail("OUTCOME_UNKNOWN");
      for (const { job } of jobs) job.reject(why);
    }
    desk.flushes.refuse(shuttingDown());
    return reason;
  });
  const add = <R>(job: (settle: PromiseWithResolvers<R>) => Job): Promise<R> => {
    if (state.isClosing) throw shuttingDown();
    const settle = Promise.withResolvers<R>();
    queue.add(job(settle));
    desk.bell.ring();
    return settle.promise;
  };
  return {
    ended,
    get engine() {
      latest(books);
      return desk.applier.engine;
    },
    get shown() {
      return desk.applier.engine;
    },
    get epoch() {
      return books.fence.epoch;
    },
    isReady: () => state.isReady,
    queued: () => queue.commandCount,
    check: (submission) => check(desk.applier.engine, latest(books).time, submission),
    nowMs: () => nowMsOf(desk.applier.engine, latest(books).time),
    flushed: async () => desk.flushes.wait(),
    onBatch: (listener) => desk.applier.onBatch(listener),
    burn: async (orders) => burn({ books: () => books, desk }, orders),
    submit: async (submissions, bounds: Bounds = {}) => {
      const count = countOf(submissions.length);
      return add<readonly Outcome[]>(({ resolve, reject }) => {
        return { count, bounds, work: { submissions, resolve }, reject };
      });
    },
    submitRecords: async (count, write) =>
      add<Placed>(({ resolve, reject }) => {
        return { count: countOf(count), bounds: {}, work: { write, resolve }, reject };
      }),
    [Symbol.asyncDispose]: async () => {
      state.isClosing = true;
      desk.bell.ring();
      await ended;
    },
  };
}

function createParts(options: WriterOptions) {
  const state = { isClosing: false, isReady: true };
  const queue = createQueue(MAX_QUEUED_COMMANDS, options.clock);
  const observe = observer(options.metrics, queue);
  const desk: Desk = {
    queue,
    bell: createBell(),
    applier: createApplier(),
    flushes: createFlushes(),
    burned: createBurned(MAX_BURNED_ORDERS),
    unanswered: [],
    sent: () => [],
    isClosing: () => state.isClosing,
    observe,
  };
  return { queue, desk, observe, state };
}

/** Loads the books, and takes the shard then, so that nobody waits for the loading. */
async function openBooks(
  options: WriterOptions,
  desk: Desk,
  standsBy: (isStandby: boolean) => void,
): Promise<Books> {
  standsBy(true);
  const load = async () => loadBooks(options);
  const memory = await load();
  const books =
    options.when === "now"
      ? await takeBooks(options, "anybody", { desk, warmUp: async () => memory })
      : await standBy(options, desk, { memory, load });
  standsBy(false);
  return books!;
}

async function loadBooks(options: WriterOptions): Promise<Memory> {
  await using connection = await openConnection({ url: options.db.url, name: "matching load" });
  return await loadMemory(connection, options);
}

function countOf(commands: number): number {
  if (commands > 0 && commands <= MAX_BATCH_COMMANDS) return commands;
  throw new RangeError(`${commands} commands; 1 to ${MAX_BATCH_COMMANDS} travel together`);
}

/** Another process may have taken the shard, and memory be behind, when the lease has run out. */
function latest(books: Books): Books {
  if (!books.lease.isHeld()) throw fail("BOOKS_AWAY");
  return books;
}

function shuttingDown() {
  return failOfMesh("SHUTTING_DOWN", { resource: "The exchange" });
}
