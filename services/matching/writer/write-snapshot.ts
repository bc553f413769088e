import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { failpoint } from "#mesh/failpoint.ts";
import {
  KEPT_SNAPSHOTS,
  PRUNED_BATCHES,
  SNAPSHOT_PAUSE_MS,
  SNAPSHOT_WAIT_MS,
} from "#mesh/limits.ts";
import { loadEngine } from "../domain/load-engine.ts";
import { pruneJournal } from "../store/journal.ts";
import {
  chunksOf,
  newSnapshotId,
  pruneSnapshots,
  registerSnapshot,
  type Snapshot,
  writeChunk,
} from "../store/snapshots.ts";
import type { SnapshotWork } from "./snapshot-thread.ts";

/**
 * Writes a dump chunk by chunk, with pauses, and registers it once the rows of its batch are stored.
 * The state hash is that of an engine made from the dump, which shows that one can be. Then older
 * snapshots and old parts of the journal are dropped.
 */
export async function writeSnapshot(work: SnapshotWork): Promise<void> {
  const { url, fence, origin, parts } = work;
  await using connection = await openConnection({ url, name: "matching snapshot" });
  const stateHash = loadEngine(parts).stateHash();
  const id = await newSnapshotId(connection);
  let [chunks, bytes] = [0, 0];
  for (const chunk of chunksOf(parts)) {
    await writeChunk(connection, { shard: fence.shard, id }, chunk);
    chunks += 1;
    bytes += chunk.bytes.length;
    await failpoint("matching.snapshot");
    await sleep(SNAPSHOT_PAUSE_MS);
  }
  await failpoint("matching.snapshot-written");
  await register(connection, work, { id, ...origin, stateHash, chunks, bytes });
  await pruneSnapshots(connection, { shard: fence.shard, kept: KEPT_SNAPSHOTS });
  await prune(connection, work);
}

async function register(
  connection: Connection,
  { fence }: SnapshotWork,
  snapshot: Snapshot & { readonly bytes: number },
): Promise<void> {
  const endMs = performance.now() + SNAPSHOT_WAIT_MS;
  while (!(await registerSnapshot(connection, fence, snapshot))) {
    if (performance.now() >= endMs)
      throw new Error(`the rows of batch ${snapshot.batch} are not stored`);
    await sleep(SNAPSHOT_PAUSE_MS);
  }
}

async function prune(
  connection: Connection,
  { fence: { shard }, origin, journalKeepDays }: SnapshotWork,
): Promise<void> {
  if (journalKeepDays === 0) return;
  const beforeMs = origin.atMs - journalKeepDays * DAY_MS;
  const some = { shard, beforeMs, most: PRUNED_BATCHES };
  while ((await pruneJournal(connection, some)) === PRUNED_BATCHES) await sleep(SNAPSHOT_PAUSE_MS);
}

const DAY_MS = 24 * 3600 * 1000;
