import { workerData } from "node:worker_threads";
import type { Fence } from "#mesh/database/shard-row.ts";
import { type Origin } from "./memory.ts";
import { writeSnapshot } from "./write-snapshot.ts";

/** What the thread is given to write; it exits when it is done. */
export type SnapshotWork = {
  readonly url: string;
  readonly fence: Fence;
  readonly origin: Omit<Origin, "engine">;
  /** A copy of memory. */
  readonly parts: readonly Uint8Array[];
  readonly journalKeepDays: number;
};

if (workerData !== null) await writeSnapshot(workerData as SnapshotWork);
