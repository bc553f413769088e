import { strict as assert } from "node:assert";
import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, afterEach, expect, test } from "vitest";
import { TradeSettlementRefusedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import {
  type ExecutedTradeSchema,
  TradesExecutedSchema,
} from "#gen/mizan/matching/v1/events_pb.ts";
import { consumerMetrics } from "#mesh/events/consumer-metrics.ts";
import { workEvent } from "#mesh/events/work-event.ts";
import { workRequeued } from "#mesh/events/work-requeued.ts";
import { newId } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { testDelivery } from "#mesh/testing/delivery.ts";
import { testLog } from "#mesh/testing/log.ts";
import { tradingFeesAccount } from "../domain/chart.ts";
import { createHolds } from "./create-holds.ts";
import { getAccount } from "./get-account.ts";
import { getBalance } from "./get-balance.ts";
import { listEntries } from "./list-entries.ts";
import { releaseHolds } from "./release-holds.ts";
import type { Tables } from "../store/tables.ts";
import { charge, newOwner, testBilling } from "../testing/test-billing.ts";
import { accountsOf, unbalanced } from "../testing/test-flows.ts";
import { findFaults } from "../testing/test-ledger.ts";
import { trades } from "../consumers/trades.ts";

const world = await testBilling();
const { billing, db } = world;
const telemetry = createTelemetry("trades-test");
const place = { db, log: testLog(), metrics: consumerMetrics(telemetry) };
const consumer = trades<Tables>(billing);
afterAll(async () => {
  assert.deepEqual(await findFaults(db), []);
  telemetry[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});
afterEach(async () => assert.deepEqual(await unbalanced(billing), []));

type Executed = MessageInitShape<typeof ExecutedTradeSchema>;

let markets = 0;
const newMarket = () => `M${++markets}-USDT`;
const tradeOf = (tradeId: number, buyerId: string, sellerId: string, rest: Executed): Executed => ({
  tradeId: BigInt(tradeId),
  buyerId,
  sellerId,
  buyerFee: "0",
  sellerFee: "0",
  freedAmount: "0",
  ...rest,
});

/** Delivers an event of trades; tells what was answered to the broker. */
async function deliver(market: string, executed: readonly Executed[], id: string = newId()) {
  const event = { market, baseAsset: "BTC", quoteAsset: "USDT", trades: [...executed] };
  const { delivery, answers } = testDelivery(
    TradesExecutedSchema,
    create(TradesExecutedSchema, event),
    id,
  );
  await workEvent(place, consumer, delivery);
  return answers;
}

async function ownerWith(money: Readonly<Record<string, string>>): Promise<string> {
  const ownerId = await newOwner(billing);
  for (const [asset, amount] of Object.entries(money)) {
    await charge(billing, { userId: ownerId, asset, amount });
  }
  return ownerId;
}

async function hold(ownerId: string, asset: string, amount: string): Promise<string> {
  const holdId = newId();
  const one = { holdId, ownerId, asset, amount, purpose: "ORDER", reference: "" } as const;
  const [outcome] = await createHolds(billing, { service: "matching", holds: [one] }, {});
  assert.equal(outcome!.error, undefined);
  return holdId;
}

async function seen(ownerId: string, asset: string) {
  const balance = await getBalance(billing, { ownerId, asset }, {});
  const { scale } = billing.assets.byCode(asset)!;
  return [balance.availableMinor, balance.heldMinor].map((minor) => fromMinor(minor, scale));
}

const feesOf = async () => {
  const { id } = tradingFeesAccount(billing.assets.byCode("USDT")!);
  const { account } = await getAccount(billing, id, {});
  return account.creditsPosted;
};

const refusals = async (market: string) => {
  const { rows } = await sql<{ payload: Uint8Array; subject: string }>`
    select payload, subject from outbox where key = ${market} order by id`.execute(db.sql);
  return rows.map(({ payload, subject }) => {
    const { tradeId, status, attempt } = fromBinary(TradeSettlementRefusedSchema, payload);
    return [subject, tradeId, status, attempt];
  });
};

const letters = async (market: string) => {
  const { rows } = await sql<{ error: string }>`select error from dead_letter
    where closed_at is null and error like ${`%${market}%`}`.execute(db.sql);
  return rows.map(({ error }) => error);
};

async function requeue() {
  await sql`update dead_letter set requeued_at = now() where closed_at is null`.execute(db.sql);
  await workRequeued(place, new Map([[consumer.name, consumer]]));
}

test("L18 FLOW-16 trades of an event are booked once, however often it comes", async () => {
  const [u1, u2] = [await ownerWith({ USDT: "40000" }), await ownerWith({ BTC: "1" })];
  const buy = await hold(u1, "USDT", "30030");
  await hold(u2, "BTC", "0.2");
  const before = await feesOf();
  const trade = tradeOf(1, u1, u2, {
    baseAmount: "0.20000000",
    quoteAmount: "11980.000000",
    buyerFee: "11.980000",
    sellerFee: "5.990000",
    freedAmount: "20.020000",
  });
  const [market, id] = [newMarket(), newId()];
  const all = async () => [
    await seen(u1, "USDT"),
    await seen(u1, "BTC"),
    await seen(u2, "USDT"),
    await seen(u2, "BTC"),
    (await feesOf()) - before,
  ];
  const after = [
    ["9990.020000", "18018.000000"],
    ["0.20000000", "0.00000000"],
    ["11974.010000", "0.000000"],
    ["0.80000000", "0.00000000"],
    17_970000n,
  ];
  expect(await deliver(market, [trade], id)).toEqual(["ack"]);
  expect(await all()).toEqual(after);
  expect(await deliver(market, [trade], id)).toEqual(["ack"]);
  expect(await deliver(market, [trade])).toEqual(["ack"]); // published anew, with another id
  expect(await all()).toEqual(after);
  const rest = { asset: "USDT", amount: "18018" };
  const release = { holdId: buy, purpose: "ORDER", amount: rest, step: 1 } as const;
  await releaseHolds(billing, { service: "matching", holds: [release] }, {});
  expect(await seen(u1, "USDT")).toEqual(["28008.020000", "0.000000"]);
  expect(await refusals(market)).toEqual([]);
});

test("the statements of both show the trade and its fees, with the balance after each", async () => {
  const [buyer, seller] = [await ownerWith({ USDT: "1000" }), await ownerWith({ BTC: "1" })];
  await hold(buyer, "USDT", "601");
  await hold(seller, "BTC", "0.1");
  const trade = tradeOf(1, buyer, seller, {
    baseAmount: "0.01",
    quoteAmount: "600",
    buyerFee: "0.6",
    sellerFee: "0.3",
    freedAmount: "0.4",
  });
  await deliver(newMarket(), [trade]);
  const lines = async (ownerId: string, asset: string) => {
    const list = { ownerId, asset, pageSize: 0, pageToken: "" };
    const { rows } = await listEntries(billing, list, {});
    return rows.toReversed().map(({ type, side, amountMinor, balance }) => {
      return [type, side, amountMinor, balance.availableMinor, balance.heldMinor];
    });
  };
  expect(await lines(buyer, "USDT")).toEqual([
    ["charge", "credit", 1000_000000n, 1000_000000n, 0n],
    ["hold", "none", 601_000000n, 399_000000n, 601_000000n],
    ["trade", "debit", 600_000000n, 399_000000n, 1_000000n],
    ["fee", "debit", 600000n, 399_000000n, 400000n],
    ["hold_release", "none", 400000n, 399_400000n, 0n],
  ]);
  expect(await lines(buyer, "BTC")).toEqual([["trade", "credit", 1_000000n, 1_000000n, 0n]]);
  expect((await lines(seller, "BTC")).at(-1)).toEqual([
    "trade",
    "debit",
    1_000000n,
    90_000000n,
    9_000000n,
  ]);
  expect(await lines(seller, "USDT")).toEqual([
    ["trade", "credit", 600_000000n, 600_000000n, 0n],
    ["fee", "debit", 300000n, 599_700000n, 0n],
  ]);
});

test("HOLD-5 IDEM-4 a refused trade is told, holds no other up, and is booked when somebody says so", async () => {
  const [buyer, seller] = [await ownerWith({ USDT: "100" }), await ownerWith({ BTC: "1" })];
  await hold(buyer, "USDT", "100");
  await hold(seller, "BTC", "0.002");
  const amounts = { baseAmount: "0.001", quoteAmount: "10" };
  const some = [1, 2, 3, 4].map((n) => tradeOf(n, buyer, seller, amounts));
  const [market, id] = [newMarket(), newId()];
  expect(await deliver(market, some, id)).toEqual(["giveUp"]);
  const subject = `mizan.billing.v1.TradeSettlementRefused.${market}`;
  const told = [3n, 4n].map((tradeId) => [subject, tradeId, "exceeds_credits", 1]);
  expect(await refusals(market)).toEqual(told);
  expect(await seen(buyer, "BTC")).toEqual(["0.00200000", "0.00000000"]);
  expect(await letters(market)).toHaveLength(1);
  // Nothing but a person has it tried anew, though the money is there by now.
  await hold(seller, "BTC", "0.001");
  expect(await deliver(market, some, id)).toEqual(["giveUp"]);
  expect(await refusals(market)).toEqual(told);
  expect(await seen(buyer, "BTC")).toEqual(["0.00200000", "0.00000000"]);
  await requeue();
  expect(await seen(buyer, "BTC")).toEqual(["0.00300000", "0.00000000"]);
  expect(await refusals(market)).toEqual([...told, [subject, 4n, "exceeds_credits", 2]]);
  expect(await letters(market)).toHaveLength(1);
  await hold(seller, "BTC", "0.001");
  await requeue();
  expect(await seen(buyer, "BTC")).toEqual(["0.00400000", "0.00000000"]);
  expect(await seen(buyer, "USDT")).toEqual(["0.000000", "60.000000"]);
  expect(await letters(market)).toEqual([]);
  expect(await deliver(market, some, id)).toEqual(["ack"]);
  expect(await seen(buyer, "USDT")).toEqual(["0.000000", "60.000000"]);
});

test("IDEM-1 a trade of the same number with another content is refused, and moves nothing", async () => {
  const [buyer, seller] = [await ownerWith({ USDT: "100" }), await ownerWith({ BTC: "1" })];
  await hold(buyer, "USDT", "100");
  await hold(seller, "BTC", "1");
  const market = newMarket();
  const trade = tradeOf(1, buyer, seller, { baseAmount: "0.001", quoteAmount: "10" });
  expect(await deliver(market, [trade])).toEqual(["ack"]);
  expect(await deliver(market, [{ ...trade, quoteAmount: "11" }])).toEqual(["giveUp"]);
  expect(await deliver(market, [{ ...trade, buyerFee: "1" }])).toEqual(["giveUp"]);
  await requeue();
  expect(await seen(buyer, "USDT")).toEqual(["0.000000", "90.000000"]);
  const statuses = (await refusals(market)).map(([, , status]) => status);
  expect(new Set(statuses)).toEqual(new Set(["exists_with_different_amount", "exists"]));
  await sql`update dead_letter set closed_at = now()`.execute(db.sql);
});

test("an event with more trades than a commit takes is booked whole", async () => {
  const [buyer, seller] = [await ownerWith({ USDT: "10000" }), await ownerWith({ BTC: "1" })];
  await hold(buyer, "USDT", "10000");
  await hold(seller, "BTC", "1");
  const amounts = { baseAmount: "0.00000001", quoteAmount: "1", buyerFee: "0.1", sellerFee: "0.1" };
  const some = Array.from({ length: 2500 }, (_, n) => tradeOf(n + 1, buyer, seller, amounts));
  expect(await deliver(newMarket(), some)).toEqual(["ack"]);
  expect(await seen(seller, "USDT")).toEqual(["2250.000000", "0.000000"]);
  expect(await seen(buyer, "USDT")).toEqual(["0.000000", "7250.000000"]);
});

test("FLOW-16 random trades, delivered twice and in any order, move money and make none", async () => {
  const owners = await Promise.all(
    Array.from({ length: 6 }, async () => ownerWith({ USDT: "100000", BTC: "100" })),
  );
  for (const owner of owners) {
    await hold(owner, "USDT", "50000");
    await hold(owner, "BTC", "50");
  }
  const owner = fc.nat({ max: owners.length - 1 }).map((at) => owners[at]!);
  const minor = (most: number) =>
    fc.integer({ min: 0, max: most }).map((n) => fromMinor(BigInt(n), 6));
  const amounts = fc.record({
    baseAmount: fc.integer({ min: 1, max: 1000 }).map((n) => fromMinor(BigInt(n), 8)),
    quoteAmount: minor(5_000_000),
    buyerFee: minor(10_000),
    sellerFee: fc.constant("0"),
    freedAmount: minor(10_000),
  });
  const trade = fc.record({ buyer: owner, seller: owner, amounts });
  const sums = async () => {
    const all = await accountsOf(billing);
    return ["USDT", "BTC"].map((code) => {
      const { ledger } = billing.assets.byCode(code)!;
      const own = all.filter((one) => one.ledger === ledger && one.code !== 700);
      return own.reduce((sum, one) => sum + one.creditsPosted - one.debitsPosted, 0n);
    });
  };
  const before = await sums();
  await fc.assert(
    fc.asyncProperty(fc.array(trade, { minLength: 1, maxLength: 30 }), async (drawn) => {
      const market = newMarket();
      const some = drawn.map((one, n) => tradeOf(n + 1, one.buyer, one.seller, one.amounts));
      const half = Math.ceil(some.length / 2);
      const [first, second] = [some.slice(0, half), some.slice(half)];
      await Promise.all([deliver(market, second), deliver(market, first)]);
      const balances = await Promise.all(owners.map(async (one) => seen(one, "USDT")));
      expect(await deliver(market, some)).toEqual(["ack"]);
      expect(await Promise.all(owners.map(async (one) => seen(one, "USDT")))).toEqual(balances);
    }),
    { numRuns: 25 },
  );
  expect(await sums()).toEqual(before);
});
