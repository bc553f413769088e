import { failpoint } from "#mesh/failpoint.ts";
import { MAX_BATCH_COMMANDS, MAX_TIMER_MS } from "#mesh/limits.ts";
import { underLease } from "#mesh/shard/hold-shard.ts";
import type { CommandLog } from "../domain/command-log.ts";
import type { OrderId } from "../domain/command.ts";
import { storeBatch } from "../store/store-batch.ts";
import { settle } from "./applier.ts";
import { addJob, type Batch, newBatch, type Position, seal } from "./batch.ts";
import type { Books } from "./books.ts";
import type { Desk } from "./desk.ts";
import { createStoring, type Storing } from "./storing.ts";

/**
 * Journals what is queued and applies it, until the desk closes and all is done. While one commit is
 * in flight the next batch is collected, and as soon as it returns that batch follows; then the
 * first is applied and answered (X2). Its rows are stored beside that (storing.ts). Throws when it
 * is not known what is journaled or stored: then the books have to be opened anew, and the batches
 * without an answer are on the desk.
 */
export async function serve(books: Books, desk: Desk): Promise<void> {
  const { batch, seq, atMs } = books.memory;
  const state: State = {
    position: { batch, seq, atMs },
    open: newBatch(),
    spare: [],
    unapplied: [],
    running: new Set(),
    isBusy: false,
    failure: undefined,
  };
  const fail = (error: Error) => fall({ state, desk }, error);
  const storing = createStoring({ books, desk, fail });
  const server = { state, books, desk, storing };
  void books.lost.then(fail);
  desk.sent = () => [...state.unapplied, state.open];
  try {
    for (;;) {
      if (state.failure !== undefined) throw state.failure;
      take(server);
      if (ship(server)) continue;
      storing.stir(state.isBusy);
      if (desk.isClosing() && isIdle(server)) return;
      await desk.bell.wait(msToExpiry(server));
    }
  } finally {
    await Promise.all(state.running);
    await storing.ended();
    desk.unanswered = desk.sent();
    desk.sent = () => desk.unanswered;
  }
}

type State = {
  /** Where the journal ends with what was sent. */
  position: Position;
  /** What is being collected. */
  open: Batch;
  /** Logs of batches that are applied. */
  readonly spare: CommandLog[];
  /** What was sent and is not applied yet, in order: two batches at most. */
  readonly unapplied: Batch[];
  /** What goes on outside of the loop, and never throws. */
  readonly running: Set<Promise<void>>;
  /** Something is in flight. */
  isBusy: boolean;
  failure: Error | undefined;
};

type Server = {
  readonly state: State;
  readonly books: Books;
  readonly desk: Desk;
  readonly storing: Storing;
};

function isIdle({ state, desk, storing }: Server): boolean {
  const { isBusy, running, open } = state;
  const isQuiet = !isBusy && running.size === 0 && storing.isDone();
  return isQuiet && open.jobs.length === 0 && desk.queue.commandCount === 0;
}

/** Takes from the queue what fits into the batch that is being collected. */
function take({ state: { open }, books, desk }: Server): void {
  const { queue, burned } = desk;
  const encoding = { numbering: books.numbering, isBurned: (order: OrderId) => burned.has(order) };
  for (;;) {
    const room = open.log.count === 0 ? Infinity : MAX_BATCH_COMMANDS - open.log.count;
    const job = room > 0 ? queue.take(room) : undefined;
    if (job === undefined) return;
    try {
      addJob(open, job, encoding);
    } catch (error) {
      job.reject(error); // a bug of the caller's, of whose commands none is written
    }
  }
}

/** Sends what there is, when nothing else is in flight and rows are not far behind. */
function ship(server: Server): boolean {
  const { state, books, storing } = server;
  if (state.isBusy || storing.isBehind()) return false;
  const { open, position } = state;
  const atMs = Math.max(position.atMs, Math.floor(books.time.nowUs() / 1000));
  // Of what is journaled and not applied yet the engine does not know.
  const sent = state.unapplied.map(({ expiryMs }) => expiryMs);
  const expires = Math.min(books.memory.engine.nextExpiryMs(), ...sent) <= atMs;
  if (open.log.count === 0 && !expires) {
    answerNowhere(server);
    return false;
  }
  const { batch: eventsBatch, events: eventsCrc32 } = books.memory;
  seal(open, { after: position, atMs, expires, eventsBatch, eventsCrc32 });
  send(server, open);
  state.open = newBatch(state.spare.pop());
  return true;
}

/** Answers jobs all of whose commands are refused for ever, and so not journaled. */
function answerNowhere({ state, books: { memory } }: Server): void {
  const { open } = state;
  if (open.jobs.length === 0) return;
  const { batch, seq, atMs } = memory;
  const row = { batch, firstSeq: seq + 1, lastSeq: seq, atMs, crc32: 0, eventsBatch: 0 };
  const nothing = { eventsCrc32: 0, commands: none, texts: none };
  settle(open, { ...row, ...nothing }, { codes: none, happened: () => [] });
  state.open = newBatch();
}

const none = new Uint8Array(0);

function send(server: Server, batch: Batch): void {
  const { state, desk } = server;
  const { batch: number, lastSeq: seq, atMs } = batch.row!;
  state.position = { batch: number, seq, atMs };
  state.isBusy = true;
  state.unapplied.push(batch);
  const done = store(server, batch)
    .catch((error: unknown) => fall(server, error as Error))
    .finally(() => {
      state.running.delete(done);
      desk.bell.ring();
    });
  state.running.add(done);
}

async function store(server: Server, batch: Batch): Promise<void> {
  const { state, books, desk, storing } = server;
  const startMs = performance.now();
  await failpoint("matching.journaling");
  await underLease(books, async () => storeBatch(books.commits, books.fence, batch.row!));
  const { log, shift } = batch;
  desk.observe.journaled(log.count + shift, (performance.now() - startMs) / 1000);
  await failpoint("matching.journaled");
  state.isBusy = false;
  take(server);
  if (state.open.log.count > 0 && state.failure === undefined) ship(server);
  apply(server, batch);
  storing.stir(state.isBusy);
}

/** Applies what is journaled; now, and not before, its answers leave. */
function apply({ state, books, desk }: Server, batch: Batch): void {
  const { row } = batch;
  desk.applier.apply(books, row!, batch);
  state.unapplied.shift();
  state.spare.push(batch.log);
  desk.flushes.applied(row!.batch);
  if (books.results === undefined) desk.flushes.stored(row!.batch);
  books.snapshots.look();
}

function fall({ state, desk }: Pick<Server, "state" | "desk">, error: Error): void {
  state.failure ??= error;
  desk.bell.ring();
}

/** How long until something is due, in milliseconds; undefined when nothing will be. */
function msToExpiry({ state, books: { memory, time } }: Server): number | undefined {
  const nextMs = memory.engine.nextExpiryMs();
  if (nextMs === Infinity || state.isBusy) return undefined;
  return Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(nextMs - time.nowUs() / 1000)));
}
