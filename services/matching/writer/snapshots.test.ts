import { expect, test } from "vitest";
import type { Database } from "#mesh/database/connect.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { testLog } from "#mesh/testing/log.ts";
import type { Tables } from "../store/tables.ts";
import {
  by,
  limit,
  openMarket,
  orderId,
  rowsOf,
  submit,
  testExchange,
  testWriter,
} from "../testing/test-writer.ts";
import { JournalError } from "./memory.ts";
import type { RecordWriter } from "./writer.ts";

const often = { snapshotEvery: { batches: 1, ms: 3_600_000 } };

/** Changes what nobody may change, as a broken disk would. */
async function damage({ url }: Database<Tables>, statement: string): Promise<void> {
  await using connection = await openConnection({ url, name: "damage" });
  await connection.query("set session_replication_role = replica");
  await connection.query(statement);
}

const snapshots = (db: Database<Tables>) =>
  rowsOf<{ id: number; batch: number; chunks: number }>(db, "select * from snapshot order by id");

/** Places orders until there is another snapshot. */
async function untilSnapshot(db: Database<Tables>, writer: RecordWriter, from: number) {
  const before = (await snapshots(db)).at(-1)?.id ?? 0;
  for (let number = from; ; number += 1) {
    await submit(writer, by("ann", limit(number, "SELL", [1, 30])));
    const after = (await snapshots(db)).at(-1)?.id ?? 0;
    if (after > before) return number;
  }
}

test("a start needs no more of the journal than what came after the newest whole snapshot", async () => {
  await using db = await testExchange();
  const first = await testWriter(db, often);
  await openMarket(first);
  let last = 0;
  for (let round = 0; round < 5; round += 1) last = await untilSnapshot(db, first, last + 1);
  await first[Symbol.asyncDispose]();
  const hash = first.engine.stateHash();
  const kept = await snapshots(db);
  expect(kept).toHaveLength(3);
  const chunks = await rowsOf(
    db,
    "select distinct snapshot_id as id from snapshot_chunk order by 1",
  );
  expect(chunks).toEqual(kept.map(({ id }) => ({ id })));
  const [oldest] = kept;
  await damage(db, `delete from journal where batch <= ${oldest!.batch}`);
  await damage(db, `update snapshot_chunk set bytes = '\\x00' where snapshot_id = ${kept[2]!.id}`);
  await damage(db, `update snapshot set state_hash = 'other' where id = ${kept[1]!.id}`);
  const log = testLog();
  const second = await testWriter(db, { log });
  expect(second.engine.stateHash()).toBe(hash);
  expect(second.engine.order(orderId(last))?.lots).toBe(1);
  expect(log.records.filter(({ msg }) => String(msg).includes("snapshot is damaged"))).toHaveLength(
    2,
  );
  await second[Symbol.asyncDispose]();
  await damage(db, `delete from snapshot where id = ${oldest!.id}`);
  await expect(testWriter(db)).rejects.toThrow("batch 1 of the journal is missing");
});

test.each([
  ["a byte of the commands is another one", "commands = overlay(commands placing '\\xff' from 9)"],
  ["a byte of the texts is another one", "texts = texts || '\\x20'"],
  ["the commands and their checksum are others", ""],
])("M36 a start is refused that names the batch when %s", async (_, change) => {
  await using db = await testExchange();
  await using first = await testWriter(db);
  await openMarket(first);
  await submit(first, by("ann", limit(0, "SELL", [1, 30]))); // with the account and the tier
  const placed = await submit(first, by("ann", limit(1, "SELL", [1, 30])));
  for (const number of [2, 3, 4]) await submit(first, by("ann", limit(number, "SELL", [1, 30])));
  await first[Symbol.asyncDispose]();
  const names = new RegExp(change === "" ? "events up to batch" : `batch ${placed.batch} of`, "u");
  if (change === "") await swap(db, placed.batch);
  else await damage(db, `update journal set ${change} where batch = ${placed.batch}`);
  const start = testWriter(db);
  await expect(start).rejects.toThrow(names);
  await expect(start).rejects.toBeInstanceOf(JournalError);
});

/** Gives a batch the commands of the one after it, as nobody but an attacker would. */
async function swap(db: Database<Tables>, batch: number): Promise<void> {
  await damage(
    db,
    `update journal set commands = other.commands, texts = other.texts, crc32 = other.crc32
      from journal other where journal.batch = ${batch} and other.batch = ${batch + 2}`,
  );
}

test("the journal drops what is old and no snapshot needs, if it is told to", async () => {
  await using db = await testExchange();
  const first = await testWriter(db, often);
  await openMarket(first);
  await untilSnapshot(db, first, 1);
  await first[Symbol.asyncDispose]();
  await damage(db, "update journal set at_ms = at_ms - 10 * 86400000");
  await damage(db, "update snapshot set at_ms = at_ms - 10 * 86400000");
  const second = await testWriter(db, { ...often, journalKeepDays: 1 });
  await untilSnapshot(db, second, 1000);
  await second[Symbol.asyncDispose]();
  const [row] = await rowsOf<{ batch: number }>(db, "select min(batch) as batch from journal");
  const [oldest] = await snapshots(db);
  expect(row!.batch).toBeGreaterThan(1);
  expect(row!.batch).toBeLessThanOrEqual(oldest!.batch + 1);
  await using third = await testWriter(db);
  expect(third.engine.stateHash()).toBe(second.engine.stateHash());
});
