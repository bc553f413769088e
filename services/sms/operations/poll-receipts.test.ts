import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ProviderReceipt } from "../providers/provider.ts";
import { insertReceipts } from "../store/receipts.ts";
import { PRICE, sentChunk, standingOf } from "../testing/sent-chunk.ts";
import { testSms, type TestSms } from "../testing/test-sms.ts";
import { applyReceipts } from "./apply-receipts.ts";
import { pollReceipts } from "./poll-receipts.ts";
import { tellLedger } from "./tell-ledger.ts";

const HOUR_MS = 3600 * 1000;
const { signal } = new AbortController();

let world: TestSms;
let known: Map<string, ProviderReceipt["state"]>;
let asked: string[][];

beforeAll(async () => {
  world = await testSms();
});
afterAll(async () => world[Symbol.asyncDispose]());
beforeEach(async () => {
  [known, asked] = [new Map(), []];
  await sql`truncate task, receipt, ledger_step`.execute(world.sms.db.sql);
});

/** Asks a provider that knows what a test has told it. */
const poll = async () => {
  const provider = {
    ...world.sms.provider,
    poll: async (ids: readonly string[]) => {
      asked.push([...ids]);
      return ids.flatMap((providerId) => {
        const state = known.get(providerId);
        return state === undefined ? [] : [{ providerId, state }];
      });
    },
  };
  return pollReceipts({ ...world.sms, provider }, signal);
};

const tasks = async () => {
  const { rows } = await sql<{ asked: number; due: number }>`
    select asked, extract(epoch from due_at - now())::float8 as due from task order by id`.execute(
    world.sms.db.sql,
  );
  return rows;
};

const paid = async (accountId: string) => {
  while (await tellLedger(world.sms));
  return world.ledger.paid(accountId);
};

test("receipts that were never pushed are asked for, and the task goes with the last", async () => {
  const { messageIds, providerIds } = await sentChunk(world, { count: 3, ageMs: 61_000 });
  known.set(providerIds[0]!, "DELIVERED").set(providerIds[1]!, "SENT");
  await poll();
  expect(await standingOf(world, messageIds)).toMatchObject([
    { state: "DELIVERED" },
    { state: "SENT" },
    { state: "SENT" },
  ]);
  expect(await tasks()).toMatchObject([{ asked: 1 }]);
  known.set(providerIds[1]!, "UNDELIVERED").set(providerIds[2]!, "FAILED");
  await sql`update task set due_at = now()`.execute(world.sms.db.sql);
  await poll();
  expect(asked).toEqual([providerIds, providerIds.slice(1)]);
  expect(await standingOf(world, messageIds)).toMatchObject([
    { state: "DELIVERED", charge: "CAPTURED" },
    { state: "UNDELIVERED", charge: "CAPTURED" },
    { state: "FAILED", charge: "REFUNDED" },
  ]);
  expect(await tasks()).toEqual([]);
});

test("a simulated Magfa that has lost its pushes is asked for what it knows", async () => {
  const { magfa, sms } = world;
  magfa.control({ script: { receiptLost: true, receiptDelayMs: 0 } });
  const text = { ref: 77n, receiver: "+989121234567", sender: "3000505", text: "hello" };
  const [outcome] = await sms.provider.submit([text], signal);
  const providerId = outcome?.kind === "ACCEPTED" ? outcome.providerId : "";
  const { messageIds } = await sentChunk(world, { providerIds: [providerId], ageMs: 61_000 });
  await expect
    .poll(async () => {
      await sql`update task set due_at = now()`.execute(sms.db.sql);
      await pollReceipts(sms, signal);
      return standingOf(world, messageIds);
    })
    .toMatchObject([{ state: "DELIVERED" }]);
});

test("the pauses between the questions grow, up to an hour", async () => {
  await sentChunk(world, { ageMs: 61_000 });
  await poll();
  expect((await tasks())[0]!.due).toBeCloseTo(120, -1);
  await sql`update task set due_at = now()`.execute(world.sms.db.sql);
  await poll();
  expect((await tasks())[0]!.due).toBeCloseTo(240, -1);
  await sql`update task set due_at = now(), asked = 20`.execute(world.sms.db.sql);
  await poll();
  expect((await tasks())[0]!.due).toBeCloseTo(3600, -1);
  expect(asked).toHaveLength(3);
});

test("the last question is at the deadline, not after it", async () => {
  const { taskId } = await sentChunk(world, { ageMs: 24 * HOUR_MS - 600_000 });
  await sql`update task set asked = 20 where id = ${taskId}`.execute(world.sms.db.sql);
  await poll();
  expect((await tasks())[0]!.due).toBeCloseTo(600, -1);
});

test("M7 no receipt for 24 h fails and refunds once; a late DELIVERED changes nothing", async () => {
  const { accountId, messageIds, providerIds } = await sentChunk(world, {
    count: 2,
    ageMs: 24 * HOUR_MS + 1000,
  });
  known.set(providerIds[1]!, "DELIVERED");
  await poll();
  await poll();
  const standing = [
    { state: "FAILED", charge: "REFUNDED", failure: "NO_RECEIPT", revision: 2 },
    { state: "DELIVERED", charge: "CAPTURED", failure: null, revision: 2 },
  ];
  expect(await standingOf(world, messageIds)).toEqual(standing);
  expect(await tasks()).toEqual([]);
  expect(await paid(accountId)).toBe(PRICE);
  const late = { provider: "magfa", providerId: providerIds[0]!, state: "DELIVERED" } as const;
  await insertReceipts(world.sms.db, [late]);
  await applyReceipts(world.sms);
  expect(await standingOf(world, messageIds)).toEqual(standing);
  expect(await paid(accountId)).toBe(PRICE);
  expect(world.ledger.refunds.size).toBe(1);
  const { rows: notes } = await sql`
    select kind, detail from message_note where message_id = ${messageIds[0]}`.execute(
    world.sms.db.sql,
  );
  expect(notes).toEqual([{ kind: "LATE_RECEIPT", detail: "DELIVERED" }]);
});

test("tasks whose messages have ended go without a question", async () => {
  const { messageIds } = await sentChunk(world, { ageMs: 61_000 });
  await sql`update message set state = 'DELIVERED' where id = ${messageIds[0]}`.execute(
    world.sms.db.sql,
  );
  await poll();
  expect([asked, await tasks()]).toEqual([[], []]);
});

test("a task of some messages of a chunk is about those alone", async () => {
  const { messageIds, providerIds, taskId } = await sentChunk(world, { count: 2, ageMs: 61_000 });
  const rest = messageIds.slice(1);
  await sql`update task set message_ids = ${rest}::uuid[] where id = ${taskId}`.execute(
    world.sms.db.sql,
  );
  await poll();
  expect(asked).toEqual([providerIds.slice(1)]);
});

test("many messages are asked about in calls of what the provider takes", async () => {
  for (const count of [100, 100, 50]) await sentChunk(world, { count, ageMs: 61_000 });
  expect(await poll()).toBe(false);
  expect(asked.map((ids) => ids.length).toSorted((one, other) => other - one)).toEqual([
    100, 100, 50,
  ]);
});

test("while the provider is asked nothing is locked, and nobody else asks", async () => {
  const { messageIds, providerIds } = await sentChunk(world, { ageMs: 61_000 });
  const answer = Promise.withResolvers<ProviderReceipt[]>();
  const begun = Promise.withResolvers<void>();
  const provider = {
    ...world.sms.provider,
    poll: async () => {
      begun.resolve();
      return answer.promise;
    },
  };
  const polling = pollReceipts({ ...world.sms, provider }, signal);
  await begun.promise;
  await poll();
  expect(asked).toEqual([]);
  const own = { provider: "magfa", providerId: providerIds[0]!, state: "UNDELIVERED" } as const;
  await insertReceipts(world.sms.db, [own]);
  await applyReceipts(world.sms);
  answer.resolve([{ providerId: providerIds[0]!, state: "DELIVERED" }]);
  await polling;
  expect(await standingOf(world, messageIds)).toMatchObject([{ state: "UNDELIVERED" }]);
  expect(await tasks()).toEqual([]);
});
