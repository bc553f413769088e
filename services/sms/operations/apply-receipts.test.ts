import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ReceiptState } from "../domain/receipt.ts";
import { insertReceipts } from "../store/receipts.ts";
import { PRICE, sentChunk, standingOf } from "../testing/sent-chunk.ts";
import { testSms, type TestSms } from "../testing/test-sms.ts";
import { applyReceipts } from "./apply-receipts.ts";
import { tellLedger } from "./tell-ledger.ts";

let world: TestSms;

beforeAll(async () => {
  world = await testSms({ terms: { parkMs: 400 } });
});
afterAll(async () => world[Symbol.asyncDispose]());
beforeEach(async () => {
  await sql`truncate receipt, ledger_step`.execute(world.sms.db.sql);
});

const hear = async (providerId: string, ...states: ReceiptState[]) =>
  insertReceipts(
    world.sms.db,
    states.map((state) => ({ provider: "magfa", providerId, state })),
  );

const apply = async () => applyReceipts(world.sms);

const outcomes = async () => {
  const { rows } = await sql<{ outcome: string | null; message_id: string | null }>`
    select outcome, message_id from receipt order by id`.execute(world.sms.db.sql);
  return rows.map(({ outcome }) => outcome);
};

const notes = async (messageId: string) => {
  const { rows } = await sql`
    select kind, detail from message_note where message_id = ${messageId} order by at`.execute(
    world.sms.db.sql,
  );
  return rows;
};

const one = async () => {
  const { accountId, messageIds, providerIds } = await sentChunk(world);
  return { accountId, ids: messageIds, providerId: providerIds[0]! };
};

const settleMoney = async () => {
  while (await tellLedger(world.sms));
};

test("DELIVERED ends a message, and it stays paid", async () => {
  const { accountId, ids, providerId } = await one();
  await hear(providerId, "DELIVERED");
  await apply();
  expect(await standingOf(world, ids)).toMatchObject([{ state: "DELIVERED", charge: "CAPTURED" }]);
  await settleMoney();
  expect(world.ledger.paid(accountId)).toBe(PRICE);
});

test("M6 16 is FAILED and gives the price back", async () => {
  const { accountId, ids, providerId } = await one();
  await hear(providerId, "FAILED");
  await apply();
  expect(await standingOf(world, ids)).toMatchObject([
    { state: "FAILED", charge: "REFUNDED", failure: "NOT_REACHED_OPERATOR" },
  ]);
  await settleMoney();
  expect(world.ledger.paid(accountId)).toBe(0n);
  expect(world.ledger.available(accountId)).toBe(PRICE);
});

test.each([
  [false, "CAPTURED", PRICE],
  [true, "REFUNDED", 0n],
] as const)(
  "M6 2 is UNDELIVERED; refunds by policy: %s",
  async (refundUndelivered, charge, paid) => {
    const { accountId, ids, providerId } = await one();
    await hear(providerId, "UNDELIVERED");
    const terms = { ...world.sms.terms, refundUndelivered };
    await applyReceipts({ ...world.sms, terms });
    expect(await standingOf(world, ids)).toMatchObject([{ state: "UNDELIVERED", charge }]);
    await settleMoney();
    expect(world.ledger.paid(accountId)).toBe(paid);
  },
);

test("M6 8 leaves a message SENT, and is remembered", async () => {
  const { ids, providerId } = await one();
  await hear(providerId, "SENT");
  await apply();
  expect(await standingOf(world, ids)).toMatchObject([{ state: "SENT", revision: 1 }]);
  expect(await outcomes()).toEqual(["APPLIED"]);
});

test("M8 the first end wins, the same again is ignored, what contradicts it is noted", async () => {
  const { accountId, ids, providerId } = await one();
  await hear(providerId, "SENT", "DELIVERED", "DELIVERED", "FAILED");
  await apply();
  await hear(providerId, "UNDELIVERED", "DELIVERED");
  await apply();
  expect(await outcomes()).toEqual([
    "APPLIED",
    "APPLIED",
    "DUPLICATE",
    "LATE",
    "LATE",
    "DUPLICATE",
  ]);
  expect(await standingOf(world, ids)).toMatchObject([
    { state: "DELIVERED", charge: "CAPTURED", revision: 2 },
  ]);
  expect(await notes(ids[0]!)).toEqual([
    { kind: "LATE_RECEIPT", detail: "FAILED" },
    { kind: "LATE_RECEIPT", detail: "UNDELIVERED" },
  ]);
  await settleMoney();
  expect(world.ledger.paid(accountId)).toBe(PRICE);
});

test("M3 a late DELIVERED takes no refund back", async () => {
  const { accountId, ids, providerId } = await one();
  await hear(providerId, "FAILED");
  await apply();
  await hear(providerId, "DELIVERED");
  await apply();
  await settleMoney();
  expect(await outcomes()).toEqual(["APPLIED", "LATE"]);
  expect(await standingOf(world, ids)).toMatchObject([{ state: "FAILED", charge: "REFUNDED" }]);
  expect(world.ledger.available(accountId)).toBe(PRICE);
});

test("M8 a receipt that comes before the answer of the submit waits for it", async () => {
  await hear("900001", "DELIVERED");
  await apply();
  expect(await outcomes()).toEqual([null]);
  const { messageIds } = await sentChunk(world, { providerIds: ["900001"] });
  await expect
    .poll(async () => {
      await apply();
      return standingOf(world, messageIds);
    })
    .toMatchObject([{ state: "DELIVERED" }]);
  expect(await outcomes()).toEqual(["APPLIED"]);
});

test("DLR-4 a receipt that nobody knows is given up after a while, and kept", async () => {
  await hear("900002", "DELIVERED");
  await expect
    .poll(async () => {
      await apply();
      return outcomes();
    })
    .toEqual(["UNMATCHED"]);
  const looks = await sql`select from receipt where due_at is not null`.execute(world.sms.db.sql);
  expect(looks.rows).toEqual([]);
});

test("DLR-2 a receipt of an old message is found before it is given up", async () => {
  await sql`select make_day(now() - interval '5 days')`.execute(world.sms.db.sql);
  const { messageIds, providerIds } = await sentChunk(world, { ageMs: 5 * 24 * 3600 * 1000 });
  await hear(providerIds[0]!, "DELIVERED");
  await expect
    .poll(async () => {
      await apply();
      return standingOf(world, messageIds);
    })
    .toMatchObject([{ state: "DELIVERED" }]);
  expect(await outcomes()).toEqual(["APPLIED"]);
});

test("the same id at another provider is another message", async () => {
  const { ids, providerId } = await one();
  await insertReceipts(world.sms.db, [{ provider: "other", providerId, state: "DELIVERED" }]);
  await apply();
  expect(await standingOf(world, ids)).toMatchObject([{ state: "SENT" }]);
});

test("many receipts of many chunks are applied in one batch", async () => {
  const chunks = await Promise.all(
    Array.from({ length: 5 }, async () => sentChunk(world, { count: 40 })),
  );
  const providerIds = chunks.flatMap((chunk) => chunk.providerIds);
  await insertReceipts(
    world.sms.db,
    providerIds.map((providerId) => ({ provider: "magfa", providerId, state: "DELIVERED" })),
  );
  expect(await apply()).toBe(false);
  const states = await standingOf(
    world,
    chunks.flatMap(({ messageIds }) => messageIds),
  );
  expect(new Set(states.map(({ state }) => state))).toEqual(new Set(["DELIVERED"]));
});
