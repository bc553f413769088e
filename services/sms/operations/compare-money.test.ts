import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bytesOf, derivedId, hexFromBytes } from "#mesh/ids.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { fromMinor } from "#mesh/money.ts";
import { insertReceipts } from "../store/receipts.ts";
import { PRICE, sentChunk, type SentChunk } from "../testing/sent-chunk.ts";
import { testSms, type TestSms } from "../testing/test-sms.ts";
import { advanceMessages } from "./advance-messages.ts";
import { applyReceipts } from "./apply-receipts.ts";
import { type LedgerReader, moneyComparison } from "./compare-money.ts";
import { tellLedger } from "./tell-ledger.ts";

const { signal } = new AbortController();
const age = { ageMs: 20_000 };

let world: TestSms;
let ledger: LedgerReader;

beforeEach(async () => {
  world = await testSms();
  ledger = { lookupTransfers: async ({ transferIds = [] }) => lookup(transferIds) };
});
afterEach(async () => world[Symbol.asyncDispose]());

/** What billing would show of the transfers behind the holds. */
const lookup: (ids: Uint8Array[]) => Promise<never> = async (ids) => {
  const { holds, refunds } = world.ledger;
  const amounts = new Map<string, bigint>();
  for (const [id, hold] of holds) {
    amounts.set(derivedId(`transfer/sms/${id}/reserve`), hold.amount);
    if (hold.state === "captured") {
      amounts.set(derivedId(`transfer/sms/${id}/capture`), hold.captured);
    }
  }
  for (const [id, { amount }] of refunds) {
    amounts.set(derivedId(`transfer/sms/${id}/refund`), amount);
  }
  const found = ids.flatMap((id) => {
    const amount = amounts.get(hexFromBytes(id));
    return amount === undefined ? [] : [{ id, amount: fromMinor(amount, 2) }];
  });
  return { transfers: found } as never;
};

const compare = async () => moneyComparison(world.sms, ledger)(signal);

const change = async (text: ReturnType<typeof sql>) => text.execute(world.sms.db.sql);

const fail = async ({ providerIds }: SentChunk) => {
  await insertReceipts(world.sms.db, [
    { provider: "magfa", providerId: providerIds[0]!, state: "FAILED" },
  ]);
  await applyReceipts(world.sms);
};

/** A chunk that waits to be sent. */
const reserved = async () => {
  const chunk = await sentChunk(world, { count: 2, isUntold: true, ...age });
  await change(sql`update message set state = 'SENDING', charge = 'RESERVED'
    where chunk_id = ${chunk.chunkId}`);
  await change(sql`update chunk set charge = 'RESERVED', open_count = 2,
    open_amount = ${(2n * PRICE).toString()} where id = ${chunk.chunkId}`);
  return chunk;
};

test("MON-9 what was reserved, captured, refunded and not told yet adds up", async () => {
  await reserved();
  const refunded = await sentChunk(world, { count: 3, ...age });
  await fail(refunded);
  expect(await compare()).toEqual([]);
  await tellLedger(world.sms);
  expect(await compare()).toEqual([]);
  const sent = await reserved();
  await transaction(world.sms.db, async (tx) =>
    advanceMessages(world.sms, tx, [
      { messageId: sent.messageIds[0]!, input: { kind: "SENT", providerId: "1" } },
    ]),
  );
  expect(await compare()).toEqual([]);
  await tellLedger(world.sms);
  expect(await compare()).toEqual([]);
});

test.each([
  ["a price of a captured message", "CAPTURE", sql`update message set price = price + 1`],
  ["a refund that nobody made", "REFUND", sql`update message set charge = 'REFUNDED'`],
  ["a message that is gone", "MESSAGES", sql`delete from message where provider_id = '5'`],
  ["a message that was never paid", "CAPTURED", sql`update message set charge = 'RELEASED'`],
])("MON-9 %s is reported with its account", async (_, rule, fault) => {
  const { accountId, chunkId } = await sentChunk(world, { providerIds: ["5"], ...age });
  expect(await compare()).toEqual([]);
  await change(fault);
  expect(await compare()).toContainEqual({ accountId, chunkId, rule });
  expect(world.log.records).toContainEqual(
    expect.objectContaining({ owner: accountId, kind: rule, msg: "money does not add up" }),
  );
});

test.each([
  ["a unit too much in the count of a chunk", sql`update chunk set open_amount = open_amount + 1`],
  ["one message too many in it", sql`update chunk set open_count = open_count + 1`],
  ["a unit too much in a price", sql`update message set price = price + 1`],
])("MON-9 %s is reported while it is reserved", async (_, fault) => {
  const { accountId, chunkId } = await reserved();
  await change(fault);
  expect(await compare()).toContainEqual({ accountId, chunkId, rule: "OPEN" });
});

test("MON-9 a reserve of the ledger that differs by a unit is reported", async () => {
  const { accountId, chunkId } = await reserved();
  const other: LedgerReader = {
    lookupTransfers: async () => {
      const id = bytesOf(derivedId(`transfer/sms/${chunkId}/reserve`));
      return { transfers: [{ id, amount: "2000.01" }] } as never;
    },
  };
  const found = await moneyComparison(world.sms, other)(signal);
  expect(found).toEqual([{ accountId, chunkId, rule: "RESERVE" }]);
});

test("money that moves while it is compared raises no alarm", async () => {
  const chunk = await reserved();
  let asked = 0;
  const moving: LedgerReader = {
    lookupTransfers: async ({ transferIds = [] }) => {
      asked += 1;
      const input = { kind: "SENT", providerId: "1" } as const;
      const advances = [{ messageId: chunk.messageIds[0]!, input }];
      await transaction(world.sms.db, async (tx) => advanceMessages(world.sms, tx, advances));
      await tellLedger(world.sms);
      return lookup(transferIds);
    },
  };
  expect(await moneyComparison(world.sms, moving)(signal)).toEqual([]);
  expect(asked).toBe(2);
});

test("ST-3 a task that is late is reported", async () => {
  await sentChunk(world);
  await change(sql`update task set due_at = now() - interval '10 minutes'`);
  await compare();
  expect(world.log.records).toContainEqual(expect.objectContaining({ msg: "tasks are late" }));
});
