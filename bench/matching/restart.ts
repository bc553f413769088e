import { fork } from "node:child_process";
import { once } from "node:events";
import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { Tables } from "../../services/matching/store/tables.ts";
import { type Row, row } from "../report.ts";
import { createSource, type Group, submitGroup, toGroup } from "./command-groups.ts";
import { openDatabase, openWriter } from "./open-writer.ts";
import type { Asked } from "./start-writer.ts";

/** How many orders rest when the writer is started anew, and how many commands it has to replay. */
export const STARTED = { orders: 1_000_000, tail: 2_000_000 };

const GROUP = 4096;
const FLOW = { seed: 2, users: 1000, mix: "exchange-core", price: 1_000_000 } as const;

const never = { batches: Number.MAX_SAFE_INTEGER, ms: Number.MAX_SAFE_INTEGER };

/**
 * Measures how long the writer takes from nothing until it has applied a command: from a snapshot
 * with a million orders, then with two million commands in the journal behind it.
 */
export async function measureStart(url: string, rounds: number): Promise<Row[]> {
  await using db = await openDatabase(url);
  const source = createSource({ ...FLOW, orders: STARTED.orders });
  const soon = { batches: 200, ms: 24 * 60 * 60_000 };
  await fill(db, soon, [toGroup(source.setUp), ...source.drawGroups(STARTED.orders, GROUP)]);
  await expectSnapshot(db);
  const fromSnapshot = await startOften(rounds);
  await fill(db, never, source.drawGroups(STARTED.tail, GROUP));
  const withTail = await startOften(rounds);
  const replayed = withTail.map(
    (seconds, round) => STARTED.tail / (seconds - fromSnapshot[round]!),
  );
  return [
    row("start with 1M orders", "s", fromSnapshot),
    row("start with 1M orders and a journal of 2M commands", "s", withTail),
    row("replay", "commands/s", replayed),
  ];

  async function startOften(times: number): Promise<number[]> {
    const found: number[] = [];
    for (let left = times; left > 0; left -= 1) {
      found.push(await startOnce({ url, group: source.drawGroups(1, 1)[0]! }));
    }
    return found;
  }
}

/** Starts the writer in a process that has nothing else in memory; returns the seconds it took. */
async function startOnce(asked: Asked): Promise<number> {
  const child = fork(script, { serialization: "advanced", execArgv: process.execArgv });
  const found: unknown[] = [];
  child.on("message", (seconds) => found.push(seconds));
  child.send(asked);
  const [code] = await once(child, "exit");
  if (found.length === 0) throw new Error(`the writer was not started: exit code ${code}`);
  return found[0] as number;
}

const script = new URL("start-writer.ts", import.meta.url);

async function expectSnapshot(db: Database<Tables>): Promise<void> {
  const { rows } = await sql`select from snapshot limit 1`.execute(db.sql);
  if (rows.length === 0) throw new Error("the writer has ended without a snapshot");
}

/** Journals groups; the writer's end writes a snapshot, if it is to write any. */
async function fill(
  db: Database<Tables>,
  snapshotEvery: { readonly batches: number; readonly ms: number },
  groups: readonly Group[],
): Promise<void> {
  await using writer = await openWriter(db, { hasResults: false, snapshotEvery });
  const left = groups.values();
  const caller = async () => {
    for (const group of left) await submitGroup(writer, group);
  };
  await Promise.all([caller(), caller()]);
  await markStored(db);
}

/** As if the rows of all orders were stored, which is not measured here: snapshots wait for that. */
async function markStored(db: Database<Tables>): Promise<void> {
  await sql`
    update engine_progress set batch = last_batch from engine_shard
      where engine_shard.shard = engine_progress.shard`.execute(db.sql);
}
