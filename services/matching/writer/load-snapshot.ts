import type { Connection } from "#mesh/database/connection.ts";
import type { Engine } from "../domain/engine.ts";
import { loadEngine } from "../domain/load-engine.ts";
import { readChunks, type Snapshot } from "../store/snapshots.ts";

/** Makes the engine of a snapshot; returns what is wrong with it when it is not whole. */
export async function loadSnapshot(
  connection: Connection,
  snapshot: Snapshot,
): Promise<Engine | string> {
  try {
    const parts = await readChunks(connection, snapshot);
    if (parts === undefined) return "a chunk is missing or damaged";
    const engine = loadEngine(parts);
    return engine.stateHash() === snapshot.stateHash ? engine : "the state has another hash";
  } catch (error) {
    return (error as Error).message;
  }
}
