import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { OrderType, Side, TimeInForce } from "#gen/mizan/matching/v1/order_pb.ts";
import { NewOrderSchema } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { WIDE_RULES } from "../testing/flow-commands.ts";
import { listed } from "../testing/listed.ts";
import { combinationProblems } from "./combination-problems.ts";
import { readNewOrder } from "./read-new-order.ts";

const fee = { ppm: 0, perLot: 0 };
const terms = { rules: WIDE_RULES, maker: fee, taker: fee, defaultStp: "NONE" as const };
const market = { ...listed(1, "ABAN-USDT"), terms };
const nowMs = Date.UTC(2026, 0, 1);

const given = {
  price: "90.00",
  size: "1.0000",
  quoteSize: "100",
  stopPrice: "95.00",
  reservePrice: "99.00",
  quoteLimit: "1000",
  expireTime: timestampFromMs(nowMs + 60_000),
};

const words = {
  type: [1, 2, 3, 4, 5, 6] satisfies OrderType[],
  side: [Side.BUY, Side.SELL],
  timeInForce: [0, 1, 2, 3, 4] satisfies TimeInForce[],
};

/** All ways to give some of the fields. */
function someOf(): Partial<typeof given>[] {
  const fields = Object.entries(given);
  return Array.from({ length: 2 ** fields.length }, (_, some) =>
    Object.fromEntries(fields.filter((_field, bit) => (some & (1 << bit)) !== 0)),
  );
}

/** The same of all types, sides and times in force. */
const allOrders = words.type.flatMap((type) =>
  words.side.flatMap((side) =>
    words.timeInForce.flatMap((timeInForce) =>
      someOf().map((fields) => create(NewOrderSchema, { type, side, timeInForce, ...fields })),
    ),
  ),
);

test("an order whose fields don't go together is never refused without the name of one", () => {
  const seen = { refused: 0, taken: 0, unnamed: [] as unknown[] };
  for (const order of allOrders) {
    const { problem } = readNewOrder(order, "0".repeat(32), { market, reference: 9000 });
    const problems = combinationProblems(order, { market, nowMs });
    if (problem !== "INVALID_COMBINATION") seen.taken += 1;
    else if (problems.length > 0) seen.refused += 1;
    else seen.unnamed.push(order);
  }
  expect(seen.unnamed).toEqual([]);
  expect(Math.min(seen.refused, seen.taken)).toBeGreaterThan(100);
});
