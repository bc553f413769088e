import type { Connection } from "#mesh/database/connection.ts";
import { createEngine } from "../domain/create-engine.ts";
import { engineShard } from "../store/engine-shard.ts";
import { findSnapshots, type Snapshot } from "../store/snapshots.ts";
import { journalBetween } from "./follow.ts";
import { loadSnapshot } from "./load-snapshot.ts";
import { applyRow, createApplied, createMemory, JournalError, type Memory } from "./memory.ts";

/** Which part of a journal to replay. */
export type Range = {
  readonly shard: number;
  /** The snapshot to begin with; without it the replay begins with nothing. */
  readonly from?: number;
  /** The last batch; without it all that is committed. */
  readonly until?: number;
};

/** What a replay has come to. */
export type Replay = {
  /** As of the last batch that was good. */
  readonly memory: Memory;
  /** The batch that it began after. */
  readonly after: number;
  readonly commands: number;
  /** How many snapshots have the state hash that the replay had. */
  readonly snapshots: number;
  /** Why it did not come to the end; empty when it did. */
  readonly problem: string;
};

/**
 * Applies a part of the journal to memory of its own, and compares checksums, events and the hashes
 * of the snapshots on the way. It changes nothing. Throws when there is no such part.
 */
export async function replayJournal(connection: Connection, range: Range): Promise<Replay> {
  const { shard } = range;
  const { lastBatch } = await engineShard.find(connection, shard);
  const all = await findSnapshots(connection, shard);
  const memory = await begin(connection, range.from, all);
  const [after, firstSeq] = [memory.batch, memory.seq];
  const until = Math.min(range.until ?? lastBatch, lastBatch);
  if (until < after) throw new RangeError(`batch ${until} comes before snapshot ${range.from}`);
  const applied = createApplied();
  let snapshots = 0;
  let problem = "";
  try {
    for await (const row of journalBetween(connection, { shard, after, until })) {
      applyRow(memory, row, applied);
      for (const snapshot of all.filter(({ batch }) => batch === row.batch)) {
        compare(memory, snapshot);
        snapshots += 1;
      }
    }
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    problem = error.message;
  }
  return { memory, after, commands: memory.seq - firstSeq, snapshots, problem };
}

async function begin(
  connection: Connection,
  from: number | undefined,
  all: readonly Snapshot[],
): Promise<Memory> {
  if (from === undefined) {
    return createMemory({ engine: createEngine(), batch: 0, seq: 0, atMs: 0, events: 0 });
  }
  const snapshot = all.find(({ id }) => id === from);
  if (snapshot === undefined) throw new RangeError(`there is no snapshot ${from}`);
  const engine = await loadSnapshot(connection, snapshot);
  if (typeof engine === "string") throw new JournalError(`snapshot ${from} is damaged: ${engine}`);
  const { batch, seq, atMs, events } = snapshot;
  return createMemory({ engine, batch, seq, atMs, events });
}

function compare({ engine, events }: Memory, { id, batch, ...stored }: Snapshot): void {
  const isSame = engine.stateHash() === stored.stateHash && events === stored.events;
  if (!isSame) throw new JournalError(`batch ${batch} leads to another state than snapshot ${id}`);
}
