import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Hold_Purpose } from "#gen/mizan/billing/v1/hold_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { OperationsService } from "#gen/mizan/billing/v1/operations_service_pb.ts";
import { Entry_Side, Entry_Type } from "#gen/mizan/billing/v1/wallet_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { newId } from "#mesh/ids.ts";
import { exchange, reasonIn, stateOf } from "./testing/exchange.ts";
import { type ServedMatching, serveMatching } from "./testing/serve-matching.ts";

// What trades do to the real ledger, and what becomes of a market whose trades it refuses.

let served: ServedMatching;
let at: ReturnType<typeof exchange>;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  served = stack.use(await serveMatching());
  at = exchange(served);
});
afterAll(async () => stack.disposeAsync());

/** Waits until somebody has so much of an asset, free and in orders. */
async function settles(userId: string, asset: string, expected: readonly [string, string]) {
  await expect.poll(async () => served.balance(userId, asset)).toEqual(expected);
}

test("ledger L18 an order fills in part at a better price, its rest is cancelled, and no unit is lost", async () => {
  const { symbol, base, quote } = await at.list({
    quoteScale: 6,
    tick: "0.01",
    lot: "0.1",
    rules: { listingPrice: "60000.00", makerFee: { ppm: 500 }, takerFee: { ppm: 1000 } },
  });
  const [u1, u2] = [await at.trader([quote, "40000.000000"]), await at.trader([base, "1"])];
  await u2.limit(symbol, "sell 0.2 at 59900.00");
  const { order, fills } = await u1.limit(symbol, "buy 0.5 at 60000.00");
  expect([stateOf(order), fills.map(({ price, size }) => [price, size])]).toEqual([
    "PARTIALLY_FILLED",
    [["59900.00", "0.2"]],
  ]);
  await settles(u1.id, quote, ["9990.020000", "18018.000000"]);
  await settles(u1.id, base, ["0.20000000", "0.00000000"]);
  await settles(u2.id, quote, ["11974.010000", "0.000000"]);
  await settles(u2.id, base, ["0.80000000", "0.00000000"]);
  await u1.cancel(order!.id);
  await settles(u1.id, quote, ["28008.020000", "0.000000"]);
  const wallet = served.inside("operator").of(WalletService);
  const { entries } = await wallet.listEntries({ asset: quote }, u1.options);
  const shown = entries.map(({ type, side, amount, balanceAfter }) => {
    return [type, side, amount!.amount, balanceAfter!.total!.amount];
  });
  expect(shown).toEqual([
    [Entry_Type.HOLD_RELEASE, Entry_Side.UNSPECIFIED, "18018.000000", "28008.020000"],
    [Entry_Type.HOLD_RELEASE, Entry_Side.UNSPECIFIED, "20.020000", "28008.020000"],
    [Entry_Type.FEE, Entry_Side.DEBIT, "11.980000", "28008.020000"],
    [Entry_Type.TRADE, Entry_Side.DEBIT, "11980.000000", "28020.000000"],
    [Entry_Type.HOLD, Entry_Side.UNSPECIFIED, "30030.000000", "40000.000000"],
    [Entry_Type.CHARGE, Entry_Side.CREDIT, "40000.000000", "40000.000000"],
  ]);
});

test("HOLD-5 a trade that the ledger refuses halts its market, and is booked once the cause is mended", async () => {
  const { symbol, base, quote } = await at.list();
  const [buyer, seller] = [await at.trader([quote, "1000"]), await at.trader([base, "5"])];
  const { order } = await seller.limit(symbol, "sell 3.00 at 100.00");
  // Somebody takes the money of the order away from under it.
  const holds = served.inside("matching").of(HoldService);
  const part = { holdId: order!.id, purpose: Hold_Purpose.ORDER, step: 99 };
  const amount = { asset: base, amount: "2.50" };
  const releases = [{ ...part, amount }];
  const { results } = await holds.releaseHolds({ requestId: newId(), releases });
  expect(results[0]!.error).toBeUndefined();
  await buyer.limit(symbol, "buy 0.50 at 100.00");
  await settles(buyer.id, base, ["0.50000000", "0.00000000"]);
  await buyer.limit(symbol, "buy 1.00 at 100.00"); // of which the ledger knows nothing
  const state = async () => {
    const { rows } = await sql`select state, reason from market where symbol = ${symbol}`.execute(
      served.db.sql,
    );
    return rows;
  };
  await expect.poll(state).toEqual([{ state: "HALT", reason: "SETTLEMENT_REFUSED" }]);
  expect(await reasonIn(buyer.limit(symbol, "buy 0.10 at 100.00"))).toBe("MARKET_CLOSED");
  expect(await served.balance(buyer.id, base)).toEqual(["0.50000000", "0.00000000"]);
  expect(await served.balance(buyer.id, quote)).toEqual(["850.00000000", "100.00000000"]);
  // It is put back, and an administrator has the trade tried anew.
  const back = { ...part, ownerId: seller.id, amount, reference: "put back" };
  const { results: held } = await holds.createHolds({ requestId: newId(), holds: [back] });
  expect(held[0]!.error).toBeUndefined();
  const billing = served.inside("operator").of(OperationsService);
  const admin = await at.asAdmin();
  const { deadLetters } = await billing.listDeadLetters({}, admin);
  const own = deadLetters.filter(({ error }) => error.includes(symbol));
  expect(own.map(({ consumer, error }) => [consumer, error])).toEqual([
    ["trades", expect.stringContaining("exceeds_credits")],
  ]);
  const ids = { requestId: newId(), deadLetterIds: own.map(({ id }) => id) };
  await billing.requeueDeadLetters(ids, admin);
  await settles(buyer.id, base, ["1.50000000", "0.00000000"]);
  await settles(buyer.id, quote, ["850.00000000", "0.00000000"]);
  await settles(seller.id, quote, ["150.00000000", "0.00000000"]);
  await at.setState(symbol, "TRADING");
  await buyer.limit(symbol, "buy 1.50 at 100.00");
  await settles(buyer.id, base, ["3.00000000", "0.00000000"]);
  await settles(seller.id, base, ["2.00000000", "0.00000000"]);
});
