import { Worker } from "node:worker_threads";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fence } from "#mesh/database/shard-row.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { SNAPSHOT_STOP_MS, SNAPSHOT_TAIL_BATCHES } from "#mesh/limits.ts";
import type { Log } from "#mesh/log.ts";
import { findSnapshots } from "../store/snapshots.ts";
import type { Memory } from "./memory.ts";
import type { SnapshotWork } from "./snapshot-thread.ts";

/** Dumps of memory, so that the next start need not apply all of the journal. */
export type Snapshots = AsyncDisposable & {
  /** Takes one when it is time; memory is copied at once, and written by a thread of its own. */
  look(): void;
  /** How long ago the last one was begun, or the books were opened. */
  ageMs(): number;
  /** Takes one before the end, when the journal since the last one is long. */
  last(): Promise<void>;
};

export type SnapshotOptions = {
  readonly url: string;
  readonly log: Log;
  readonly fence: Fence;
  readonly memory: Memory;
  /** After so many batches, or so long after the last one. */
  readonly snapshotEvery?: { readonly batches: number; readonly ms: number };
  /** For how many days batches stay in the journal that no snapshot needs; 0 is for ever. */
  readonly journalKeepDays?: number;
};

/** Looks after the snapshots of a shard that is ours. */
export async function createSnapshots(options: SnapshotOptions): Promise<Snapshots> {
  const { url, log, fence, memory, snapshotEvery = usual, journalKeepDays = 0 } = options;
  let lastBatch = await findLastBatch(url, fence.shard);
  let lastMs = performance.now();
  let thread: Worker | undefined;
  let writing: Promise<void> | undefined;
  const take = () => {
    const { batch, seq, atMs, events, engine } = memory;
    const parts = engine.dump();
    const origin = { batch, seq, atMs, events };
    const work: SnapshotWork = { url, fence, origin, parts, journalKeepDays };
    lastBatch = batch;
    lastMs = performance.now();
    thread = new Worker(new URL("snapshot-thread.ts", import.meta.url), {
      workerData: work,
      transferList: [...new Set(parts.map(({ buffer }) => buffer as ArrayBuffer))],
    });
    writing = ended(thread)
      .catch((error: unknown) => log.warn({ err: error, batch }, "a snapshot was not written"))
      .finally(() => (writing = undefined));
  };
  const look = () => {
    if (writing !== undefined || memory.batch === lastBatch) return;
    const isLong = memory.batch - lastBatch >= snapshotEvery.batches;
    if (isLong || performance.now() - lastMs >= snapshotEvery.ms) take();
  };
  look();
  return {
    look,
    ageMs: () => performance.now() - lastMs,
    last: async () => {
      await writing;
      if (memory.batch - lastBatch < Math.min(SNAPSHOT_TAIL_BATCHES, snapshotEvery.batches)) return;
      take();
      await Promise.race([writing, sleep(SNAPSHOT_STOP_MS, undefined, { ref: false })]);
    },
    [Symbol.asyncDispose]: async () => void (await thread?.terminate()),
  };
}

const usual = { batches: 50_000, ms: 10 * 60_000 };

async function findLastBatch(url: string, shard: number): Promise<number> {
  await using connection = await openConnection({ url, name: "matching snapshots" });
  const [newest] = await findSnapshots(connection, shard);
  return newest?.batch ?? 0;
}

/** Throws the error that a thread ends by. */
async function ended(thread: Worker): Promise<void> {
  const [code] = (await once(thread, "exit")) as [number];
  if (code !== 0) throw new Error(`the thread ended with ${code}`);
}
