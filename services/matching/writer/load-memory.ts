import type { Connection } from "#mesh/database/connection.ts";
import type { Log } from "#mesh/log.ts";
import { createEngine } from "../domain/create-engine.ts";
import { engineShard } from "../store/engine-shard.ts";
import { findSnapshots, type Snapshot } from "../store/snapshots.ts";
import { follow } from "./follow.ts";
import { createApplied, createMemory, type Memory, type Origin } from "./memory.ts";
import { loadSnapshot } from "./load-snapshot.ts";

/** Which books to load, and who hears of damaged snapshots. */
export type LoadOptions = { readonly shard: number; readonly log: Log };

/**
 * Loads the books of a shard as of the last batch whose rows are stored: the newest snapshot that is
 * whole, and the journal from there. Throws a JournalError when the journal can't be gone on with.
 */
export async function loadMemory(
  connection: Connection,
  { shard, log }: LoadOptions,
): Promise<Memory> {
  const { resultsBatch: until } = await engineShard.find(connection, shard);
  const memory = createMemory(await findOrigin(connection, { shard, log }));
  await follow(connection, memory, { shard, until, applied: createApplied() });
  return memory;
}

async function findOrigin(connection: Connection, { shard, log }: LoadOptions): Promise<Origin> {
  for (const snapshot of await findSnapshots(connection, shard)) {
    const loaded = await tryLoad(connection, snapshot, log);
    if (loaded !== undefined) return loaded;
  }
  return { engine: createEngine(), batch: 0, seq: 0, atMs: 0, events: 0 };
}

async function tryLoad(
  connection: Connection,
  snapshot: Snapshot,
  log: Log,
): Promise<Origin | undefined> {
  const engine = await loadSnapshot(connection, snapshot);
  const { id, batch, seq, atMs, events } = snapshot;
  if (typeof engine !== "string") return { engine, batch, seq, atMs, events };
  log.error(
    { snapshot: id, batch, problem: engine },
    "a snapshot is damaged, an older one is tried",
  );
  return undefined;
}
