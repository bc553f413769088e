import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { transaction } from "#mesh/database/transaction.ts";
import { newId } from "#mesh/ids.ts";
import { MAX_TOLD_STEPS, REFUSED_STEPS } from "#mesh/limits.ts";
import { addLedgerSteps, type LedgerStep } from "../store/ledger-steps.ts";
import { PRICE, sentChunk } from "../testing/sent-chunk.ts";
import { testSms, type TestSms } from "../testing/test-sms.ts";
import { retryRefusedSteps } from "./retry-refused-steps.ts";
import { tellLedger } from "./tell-ledger.ts";

let world: TestSms;

beforeEach(async () => {
  world = await testSms();
});
afterEach(async () => world[Symbol.asyncDispose]());

const decide = async (...steps: LedgerStep[]) =>
  transaction(world.sms.db, async (tx) => addLedgerSteps(tx, steps));

const waiting = async () => {
  const { rows } = await sql<{ count: number }>`select count(*) from ledger_step`.execute(
    world.sms.db.sql,
  );
  return rows[0]!.count;
};

const aside = async () => {
  const { rows } = await sql<{ kind: string; reason: string; attempts: number; due: boolean }>`
    select kind, reason, attempts, due_at is not null as due from refused_step order by id`.execute(
    world.sms.db.sql,
  );
  return rows;
};

const makeDue = async () =>
  sql`update refused_step set due_at = now() where due_at is not null`.execute(world.sms.db.sql);

const refundOf = (holdId: string, messageId: string, amount = PRICE): LedgerStep => ({
  kind: "REFUND",
  holdId,
  messageId,
  amount,
  reference: messageId,
});

test("MON-5 a capture goes before the refunds of its hold, in whatever order they stand", async () => {
  const chunks = await Promise.all(
    Array.from({ length: 3 }, async () => sentChunk(world, { count: 2, isUntold: true })),
  );
  for (const { chunkId, messageIds } of chunks) {
    const amount = 2n * PRICE;
    await decide({ kind: "CAPTURE", holdId: chunkId, amount }, refundOf(chunkId, messageIds[1]!));
  }
  const slowly = async () => new Promise<void>((resolve) => setTimeout(resolve, 20));
  world.ledger.trouble.gate = (method) => (method === "captureHolds" ? slowly() : undefined);
  expect(await tellLedger(world.sms)).toBe(false);
  expect([await waiting(), await aside()]).toEqual([0, []]);
  for (const { accountId } of chunks) expect(world.ledger.paid(accountId)).toBe(PRICE);
  const calls = world.ledger.calls.slice(-2);
  expect(calls).toEqual([
    { method: "captureHolds", items: 3 },
    { method: "refundHolds", items: 3 },
  ]);
});

test("MON-7 a capture of less than the hold frees the rest, a release frees all", async () => {
  const [some, none] = [
    await sentChunk(world, { count: 3, isUntold: true }),
    await sentChunk(world, { isUntold: true }),
  ];
  await decide(
    { kind: "CAPTURE", holdId: some.chunkId, amount: PRICE },
    { kind: "RELEASE", holdId: none.chunkId },
  );
  await tellLedger(world.sms);
  expect(world.ledger.available(some.accountId)).toBe(2n * PRICE);
  expect(world.ledger.available(none.accountId)).toBe(PRICE);
});

test("M3 a refund that is decided 100 times is made once", async () => {
  const { accountId, chunkId, messageIds } = await sentChunk(world, { count: 3 });
  for (let time = 0; time < 100; time += 1) await decide(refundOf(chunkId, messageIds[0]!));
  while (await tellLedger(world.sms));
  expect(world.ledger.available(accountId)).toBe(PRICE);
  expect([await waiting(), await aside()]).toEqual([0, []]);
});

test("M16 a death between the ledger's answer and the delete refunds once", async () => {
  const { accountId, chunkId, messageIds } = await sentChunk(world, { count: 2 });
  await decide(refundOf(chunkId, messageIds[0]!));
  world.ledger.trouble.lostAnswers = 1;
  await expect(tellLedger(world.sms)).rejects.toThrow("the answer is lost");
  expect(world.ledger.available(accountId)).toBe(PRICE);
  expect(await waiting()).toBe(1);
  await sql`create function die() returns trigger language plpgsql as $$
    begin raise exception 'killed'; end $$`.execute(world.sms.db.sql);
  await sql`create trigger die before delete on ledger_step execute function die()`.execute(
    world.sms.db.sql,
  );
  await expect(tellLedger(world.sms)).rejects.toThrow("killed");
  await sql`drop trigger die on ledger_step`.execute(world.sms.db.sql);
  await tellLedger(world.sms);
  expect(world.ledger.available(accountId)).toBe(PRICE);
  expect(await waiting()).toBe(0);
});

test("a ledger that is away loses nothing", async () => {
  const { accountId, chunkId } = await sentChunk(world, { isUntold: true });
  await decide({ kind: "RELEASE", holdId: chunkId });
  world.ledger.trouble.isAway = true;
  await expect(tellLedger(world.sms)).rejects.toThrow("away");
  world.ledger.trouble.isAway = false;
  await tellLedger(world.sms);
  expect([world.ledger.available(accountId), await waiting()]).toEqual([PRICE, 0]);
});

test("a hold that was never made, has ended or has expired is free as it is", async () => {
  const [released, expired] = [
    await sentChunk(world, { isUntold: true }),
    await sentChunk(world, { isUntold: true }),
  ];
  world.ledger.expire(expired.chunkId);
  const holds = [newId(), released.chunkId, released.chunkId, expired.chunkId];
  await decide(...holds.map((holdId) => ({ kind: "RELEASE" as const, holdId })));
  await tellLedger(world.sms);
  expect([await waiting(), await aside()]).toEqual([0, []]);
});

test("MON-6 what the ledger refuses raises an alarm, is kept, and holds nobody up", async () => {
  const [expired, fine] = [
    await sentChunk(world, { isUntold: true }),
    await sentChunk(world, { isUntold: true }),
  ];
  world.ledger.expire(expired.chunkId);
  await decide(
    { kind: "CAPTURE", holdId: expired.chunkId, amount: PRICE },
    refundOf(expired.chunkId, expired.messageIds[0]!),
    { kind: "CAPTURE", holdId: fine.chunkId, amount: PRICE },
    refundOf(fine.chunkId, fine.messageIds[0]!, 2n * PRICE),
  );
  await tellLedger(world.sms);
  expect(world.ledger.paid(fine.accountId)).toBe(PRICE);
  expect([await waiting(), await aside()]).toEqual([
    0,
    [
      { kind: "CAPTURE", reason: "HOLD_EXPIRED", attempts: 1, due: true },
      { kind: "REFUND", reason: "HOLD_NOT_CAPTURED", attempts: 1, due: true },
      { kind: "REFUND", reason: "REFUND_EXCEEDED", attempts: 1, due: true },
    ],
  ]);
  const alarms = world.log.records.filter(({ level }) => level === "error");
  expect(alarms.map(({ reason, chunk_id: id }) => [reason, id])).toEqual([
    ["HOLD_EXPIRED", expired.chunkId],
    ["HOLD_NOT_CAPTURED", expired.chunkId],
    ["REFUND_EXCEEDED", fine.chunkId],
  ]);
});

test("a refused step is tried again, and goes when it is possible after all", async () => {
  const { accountId, chunkId, messageIds } = await sentChunk(world, { isUntold: true });
  await decide(refundOf(chunkId, messageIds[0]!));
  await tellLedger(world.sms);
  await makeDue();
  await retryRefusedSteps(world.sms);
  expect(await aside()).toMatchObject([{ reason: "HOLD_NOT_CAPTURED", attempts: 2, due: true }]);
  await decide({ kind: "CAPTURE", holdId: chunkId, amount: PRICE });
  await tellLedger(world.sms);
  await makeDue();
  await retryRefusedSteps(world.sms);
  expect([await aside(), world.ledger.available(accountId)]).toEqual([[], PRICE]);
});

test("a refused step is given up after a number of times, and stays to be seen", async () => {
  await decide({ kind: "CAPTURE", holdId: newId(), amount: 1n });
  await tellLedger(world.sms);
  for (let time = 0; time < REFUSED_STEPS.attempts + 3; time += 1) {
    await makeDue();
    await retryRefusedSteps(world.sms);
  }
  const given = { reason: "HOLD_NOT_FOUND", attempts: REFUSED_STEPS.attempts, due: false };
  expect(await aside()).toMatchObject([given]);
});

test("a step that spoils a whole call is found, and the others are told", async () => {
  const chunks = await Promise.all(
    Array.from({ length: 5 }, async () => sentChunk(world, { isUntold: true })),
  );
  const bad = chunks[3]!;
  const { client } = world.ledger;
  const holds: typeof client = {
    ...client,
    captureHolds: async (request) => {
      const { captures = [] } = request;
      if (captures.some(({ holdId }) => holdId === bad.chunkId)) {
        return client.captureHolds({ requestId: "x", captures: [] }); // INVALID_ARGUMENT
      }
      return client.captureHolds(request);
    },
  };
  await decide(
    ...chunks.map(({ chunkId }) => ({ kind: "CAPTURE" as const, holdId: chunkId, amount: PRICE })),
  );
  await tellLedger({ ...world.sms, holds });
  expect(await aside()).toMatchObject([{ kind: "CAPTURE", reason: "INVALID_ARGUMENT" }]);
  const paid = chunks.map(({ accountId }) => world.ledger.paid(accountId));
  expect(paid).toEqual([PRICE, PRICE, PRICE, 0n, PRICE]);
});

test("steps are told a thousand at a time", async () => {
  const steps = Array.from({ length: MAX_TOLD_STEPS + 1 }, () => ({
    kind: "RELEASE" as const,
    holdId: newId(),
  }));
  await decide(...steps);
  expect(await tellLedger(world.sms)).toBe(true);
  expect(await waiting()).toBe(1);
  expect(await tellLedger(world.sms)).toBe(false);
  expect(await tellLedger(world.sms)).toBeUndefined();
});
