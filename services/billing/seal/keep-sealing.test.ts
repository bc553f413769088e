import { afterAll, expect, test } from "vitest";
import type { Database } from "#mesh/database/connect.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { asRole } from "#mesh/database/role.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { testLog } from "#mesh/testing/log.ts";
import { emptyChain } from "../domain/chain.ts";
import { databaseRole } from "../store/role.ts";
import { findLastSeal, insertSeal } from "../store/seals.ts";
import { filledBooks, sealAll, tamper, transferMore } from "../testing/test-seal.ts";
import { make, open, testBooks, testWriter, transferOf } from "../testing/test-ledger.ts";
import { keepSealing, type Progress } from "./keep-sealing.ts";
import { startSealer } from "./sealer.ts";
import { verifyChain } from "./verify-chain.ts";

const stack = new AsyncDisposableStack();
afterAll(async () => stack.disposeAsync());

/** Seals until it is told to stop. */
function sealing({ url }: Pick<Database<unknown>, "url">) {
  const stop = new AbortController();
  const [told, failures]: [Progress[], Error[]] = [[], []];
  const done = keepSealing({ url: asRole(url, databaseRole), shard: 0 }, stop.signal, {
    progress: (progress) => told.push(progress),
    failed: (error) => failures.push(error),
  });
  const end = async () => {
    stop.abort();
    await done;
  };
  return { told, failures, end };
}

async function endOf(url: string) {
  await using connection = await openConnection({ url, name: "test" });
  const verdict = await verifyChain({ connection, shard: 0, keys: undefined });
  expect(verdict).toMatchObject({ problem: "", unsealed: 0 });
  return await findLastSeal(connection, 0);
}

test("WR-9 the chain is the same, whoever seals it in however many pieces", async () => {
  await using books = await filledBooks();
  const { db, superuser } = books;
  const first = sealing(db);
  await expect.poll(() => first.told.at(-1)?.seq).toBe(12);
  const second = sealing(db); // a restart that has not waited, or another process
  for (let round = 0; round < 5; round += 1) await transferMore(db.url, 2); // writers of their own
  await expect.poll(() => Math.max(first.told.at(-1)!.seq, second.told.at(-1)!.seq)).toBe(22);
  await first.end();
  await transferMore(db.url, 2);
  await second.end();
  const inPieces = await endOf(db.url);
  await tamper(superuser, "delete from seal");
  expect(await sealAll(db.url)).toEqual(inPieces);
  expect(await endOf(db.url)).toEqual(inPieces);
  expect(inPieces).toMatchObject({ seq: 24, slot: 5 });
  expect([...first.failures, ...second.failures]).toEqual([]);
});

test("WR-9 what is committed when the sealing is told to stop is sealed before it ends", async () => {
  await using books = await filledBooks();
  const sealer = sealing(books.db);
  await sealer.end();
  expect(await endOf(books.db.url)).toMatchObject({ seq: 12 });
});

test("WR-9 a transfer that is missing before it was sealed is reported, and nothing is sealed", async () => {
  await using books = await filledBooks();
  await tamper(books.superuser, "delete from transfer where seq = 5");
  const sealer = sealing(books.db);
  await expect.poll(() => sealer.failures.length).toBeGreaterThan(0);
  await sealer.end();
  expect(sealer.failures[0]!.message).toBe("transfer 12 stands in the place of 11");
  expect(await books.superuser.query("select from seal")).toEqual([]);
});

test("L19 seals that are taken away behind its back are reported, and made again", async () => {
  await using books = await filledBooks();
  const { db, superuser } = books;
  const sealer = sealing(db);
  await expect.poll(() => sealer.told.at(-1)?.seq).toBe(12);
  await tamper(superuser, "delete from seal");
  await transferMore(db.url, 1);
  await expect.poll(() => sealer.told.at(-1)?.seq, { timeout: 5000 }).toBe(13);
  await sealer.end();
  expect(sealer.failures.map(({ message }) => message)).toEqual([
    "the seals up to 12 were changed or taken away",
  ]);
  expect(await endOf(db.url)).toMatchObject({ seq: 13 });
});

test("accounts of thousands are in the chain before the first transfer that comes after them", async () => {
  const db = stack.use(await testBooks());
  await using writer = await testWriter(db.url);
  const names = Array.from({ length: 12_000 }, (_, at) => `account ${at}`);
  for (let at = 0; at < names.length; at += 4000) await open(writer, ...names.slice(at, at + 4000));
  await make(writer, transferOf(names[0]!, names[1]!));
  await open(writer, "late");
  expect(await sealAll(db.url)).toMatchObject({ seq: 1, slot: 12_000 });
  await make(writer, transferOf(names[0]!, "late"));
  expect(await sealAll(db.url)).toMatchObject({ seq: 2, slot: 12_001 });
  expect(await endOf(db.url)).toMatchObject({ seq: 2 });
});

test("WR-9 a sealer of its own thread seals, tells how far it is, and ends when it is disposed", async () => {
  await using books = await filledBooks();
  const [log, metrics] = [testLog(), stack.use(createTelemetry("billing"))];
  const options = { url: asRole(books.db.url, databaseRole), shard: 0, log, metrics };
  const sealer = startSealer(options);
  await expect.poll(() => sealer.seq(), { timeout: 10_000 }).toBe(12);
  const { text } = await metrics.page();
  expect(text).toMatch(/^mizan_seal_behind_transfers\S* 0$/m);
  expect(Number(/^mizan_seal_behind_seconds\S* (.+)$/m.exec(text)![1])).toBeLessThan(60);
  await transferMore(books.db.url, 3);
  await sealer[Symbol.asyncDispose]();
  expect(await endOf(books.db.url)).toMatchObject({ seq: 15 });
  expect(log.records).toEqual([]);
});

test.each(["seal", "chain_head"])(
  "L19 rows of %s are never changed or deleted, by the service or by the owner",
  async (table) => {
    await using books = await filledBooks();
    const { url } = books.db;
    await sealAll(url);
    await using service = await openConnection({ url: asRole(url, databaseRole), name: "test" });
    for (const change of [`update ${table} set shard = 1`, `delete from ${table}`]) {
      for (const connection of [service, books.superuser]) {
        await expect(connection.query(change)).rejects.toMatchObject({ code: "42501" });
      }
    }
    await expect(service.query(`truncate ${table}`)).rejects.toMatchObject({ code: "42501" });
  },
);

test("WR-9 a seal is stored only after the one that it follows", async () => {
  await using books = await filledBooks();
  const { superuser: connection } = books;
  const chain = await sealAll(books.db.url);
  const next = { ...chain, seq: chain.seq + 1, checks: "00".repeat(8) };
  for (const before of [{ ...chain, seq: 11 }, { ...chain, hash: emptyChain.hash }, emptyChain]) {
    expect(await insertSeal(connection, 0, before, next)).toBe(false);
  }
  expect(await insertSeal(connection, 0, chain, next)).toBe(true);
});
