import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import {
  by,
  limit,
  openMarket,
  rowsOf,
  submit,
  testExchange,
  testWriter,
} from "../services/matching/testing/test-writer.ts";
import { root } from "./platform/node-process.ts";

const db = await testExchange();
afterAll(async () => db[Symbol.asyncDispose]());
let hash = "";

beforeAll(async () => {
  await using writer = await testWriter(db, { snapshotEvery: { batches: 2, ms: 3_600_000 } });
  await openMarket(writer);
  for (let number = 1; number < 20 || (await snapshotCount()) === 0; number += 1) {
    await submit(writer, by("ann", limit(number, "SELL", [number, 30 + number])));
  }
  await submit(writer, by("bob", limit(0, "BUY", [1, 31])));
  await submit(writer, by("bob", limit(9999, "BUY", [5, 12])));
  await writer.flushed();
  hash = writer.engine.stateHash();
});

async function snapshotCount(): Promise<number> {
  return (await rowsOf(db, "select id from snapshot")).length;
}

/** Runs the command; what it says on both outputs comes with its code. */
function verify(...args: string[]) {
  const options = { cwd: root, encoding: "utf8" } as const;
  const command = ["scripts/verify-matching.ts", "--database", db.url, ...args];
  const run = spawnSync(process.execPath, command, options);
  return { status: run.status, said: run.stdout + run.stderr };
}

test("the command says that a journal holds, and to which events and state it leads", () => {
  const { status, said } = verify("--dump", "ABAN-IRR", "--levels", "2");
  expect([status, said]).toEqual([0, expect.stringContaining("The journal holds.")]);
  expect(said).toContain(`state hash ${hash}`);
  expect(said).toMatch(/event hash [0-9a-f]{8}\n/);
  expect(said).toMatch(/snapshots compared: [1-9]/);
  const book = said.split("ABAN-IRR, TRADING\n")[1]!;
  expect(book.replaceAll(/ +/g, " ").trim().split("\n")).toEqual([
    "2.31 3 1 orders",
    " 2.24 2 1 orders",
    "-------------------------------------------------",
    " 0.84 5 1 orders",
  ]);
});

test("a replay from a snapshot leads to the same, and one until a batch ends there", async () => {
  const [snapshot] = await rowsOf<{ id: number }>(db, "select id from snapshot order by id");
  const { status, said } = verify("--snapshot", String(snapshot!.id));
  expect([status, said]).toEqual([0, expect.stringContaining(`state hash ${hash}`)]);
  expect(verify("--until", "3").said).toContain("replayed batches 1 to 3");
  expect(verify("--snapshot", "77")).toEqual({
    status: 2,
    said: expect.stringContaining("there is no snapshot 77") as string,
  });
});

test("a book that there is none of is noticed before anything is said", () => {
  const { status, said } = verify("--dump", "NO-NE");
  expect(status).toBe(2);
  expect(said).toMatch(/^Nothing could be verified: there is no market NO-NE\n/);
});

test("M36 the command names the batch that is damaged and ends with 1", async () => {
  await using owner = await openConnection({ url: db.url, name: "damage" });
  await owner.query("set session_replication_role = replica");
  await owner.query(
    "update journal set commands = overlay(commands placing '\\x55' from 20) where batch = 4",
  );
  const { status, said } = verify();
  expect([status, said]).toEqual([1, expect.stringContaining("is broken: batch 4 of the journal")]);
  expect(said).toContain("replayed batches 1 to 3");
});
