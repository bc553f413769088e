import { afterAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import {
  by,
  cancel,
  limit,
  openMarket,
  orderId,
  ownerOf,
  rowsOf,
  submit,
  testExchange,
  testWriter,
} from "../testing/test-writer.ts";
import type { AppliedBatch } from "./writer-api.ts";

const db = await testExchange();
afterAll(async () => db[Symbol.asyncDispose]());

test("X2 a command is answered after it is journaled and applied, with what happened", async () => {
  await using writer = await testWriter(db);
  await openMarket(writer);
  const texts = { clientOrderId: 'my "first"', requestHash: "ab".repeat(16) };
  const rests = await submit(writer, by("ann", limit(1, "SELL", [10, 20]), { texts }));
  expect(rests.events).toMatchObject([{ kind: "ACCEPTED", seq: 2 }]);
  const taken = await submit(writer, by("bob", limit(2, "BUY", [4, 21])));
  expect(taken.events).toMatchObject([
    { kind: "ACCEPTED" },
    { kind: "TRADE", tradeId: 1, price: 20, lots: 4 },
  ]);
  expect(taken.batch).toBeGreaterThan(rests.batch);
  const [row] = await rowsOf<{ last_seq: number }>(db, "select last_seq from engine_shard");
  expect(row!.last_seq).toBe(taken.seq);
  await writer.flushed();
  const orders = await rowsOf(db, "select * from orders order by place");
  expect(orders).toMatchObject([
    {
      account_id: "00000000-0000-0000-0000-000000616e6e",
      client_order_id: 'my "first"',
      state: "PARTIALLY_FILLED",
      remaining: 6,
      filled_units: 80,
      fee_minor: 1n,
      held_minor: 6n,
      request_hash: Buffer.from("ab".repeat(16), "hex"),
    },
    { state: "FILLED", remaining: 0, taker_lots: 4, fee_minor: 6n, held_minor: 0n, lots: 4 },
  ]);
  expect(await rowsOf(db, "select * from trade")).toMatchObject([
    { market: "ABAN-IRR", trade_id: 1, taker_open: 0, maker_open: 6, buyer_fee_minor: 6n },
  ]);
  const events = await rowsOf(db, "select subject, key, seq from outbox");
  expect(events).toEqual([
    { subject: "mizan.matching.v1.TradesExecuted.ABAN-IRR", key: "ABAN-IRR", seq: 1 },
  ]);
});
