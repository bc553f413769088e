import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { asRole } from "#mesh/database/role.ts";
import { testLog } from "#mesh/testing/log.ts";
import { databaseRole } from "../store/role.ts";
import { filledBooks, transferMore } from "../testing/test-seal.ts";
import { startSealer } from "./sealer.ts";

const nextThread = async () => ((await once(process, "worker")) as [Worker])[0];

test("WR-9 a thread that ends untold is reported, and another one seals on", async () => {
  await using books = await filledBooks();
  const log = testLog();
  const first = nextThread();
  await using sealer = startSealer({ url: asRole(books.db.url, databaseRole), shard: 0, log });
  await expect.poll(() => sealer.seq(), { timeout: 10_000 }).toBe(12);
  await (await first).terminate();
  await transferMore(books.db.url, 3);
  await expect.poll(() => sealer.seq(), { timeout: 10_000 }).toBe(15);
  expect(log.records).toMatchObject([{ level: "error", msg: "the thread that seals has ended" }]);
});

test("WR-9 a thread that ends by an error is reported with it, and another one seals on", async () => {
  await using books = await filledBooks();
  const log = testLog();
  const first = nextThread();
  await using sealer = startSealer({ url: asRole(books.db.url, databaseRole), shard: 0, log });
  const thread = await first;
  const second = nextThread();
  thread.emit("error", new Error("out of memory")); // as Node tells of it
  await thread.terminate();
  expect(await second).not.toBe(thread);
  await expect.poll(() => sealer.seq(), { timeout: 10_000 }).toBe(12);
  expect(log.records).toMatchObject([
    { level: "error", err: { message: "out of memory" }, msg: "the thread that seals has ended" },
  ]);
});

test("WR-9 no thread is started anew for a sealer that is disposed while there is none", async () => {
  await using books = await filledBooks();
  const log = testLog();
  const first = nextThread();
  const sealer = startSealer({ url: asRole(books.db.url, databaseRole), shard: 0, log });
  await (await first).terminate();
  const started: unknown[] = [];
  const hear = (thread: unknown) => void started.push(thread);
  process.on("worker", hear);
  await sealer[Symbol.asyncDispose]();
  process.off("worker", hear);
  expect(started).toEqual([]);
});
