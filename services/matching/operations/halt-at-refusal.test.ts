import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { OperationsService } from "#gen/mizan/billing/v1/operations_service_pb.ts";
import { TransferStatus } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { MarketService } from "#gen/mizan/matching/v1/market_service_pb.ts";
import { Market_State } from "#gen/mizan/matching/v1/market_pb.ts";
import { bytesOf, derivedId, newId } from "#mesh/ids.ts";
import { exchange, reasonIn } from "../testing/exchange.ts";
import { serveMatching } from "../testing/serve-matching.ts";

// What happens when the ledger refuses to book a trade (HOLD-5), on a real ledger with a real broker.

const served = await serveMatching();
const at = exchange(served);
afterAll(async () => served[Symbol.asyncDispose]());

const ledger = served.inside("core").of(LedgerService);
const operations = served.inside("operator").of(OperationsService);
const markets = served.outside(MarketService);

/** Moves money of a user between two of its accounts, as nobody but a mistake would. */
async function move(userId: string, asset: string, [from, to]: readonly [string, string]) {
  const idOf = (name: string) => bytesOf(derivedId(`account/user/${userId}/${name}/${asset}`));
  const accounts = { debitAccountId: idOf(from), creditAccountId: idOf(to) };
  const transfer = { id: bytesOf(derivedId(newId())), ...accounts, asset, amount: "1", code: 100 };
  const { results } = await ledger.createTransfers({ requestId: newId(), transfers: [transfer] });
  expect(results[0]!.status).toBe(TransferStatus.CREATED);
}

test("HOLD-5 a trade that the ledger refuses halts its market, and is booked when somebody has mended it", async () => {
  const [halted, other] = [await at.list(), await at.list()];
  const { symbol, base, quote } = halted;
  const [buyer, seller] = [await at.trader([quote, "1000"]), await at.trader([base, "10"])];
  await seller.limit(symbol, "sell 1.00 at 90.00");
  await move(seller.id, base, ["in_orders", "available"]);
  await buyer.limit(symbol, "buy 1.00 at 90.00");
  const state = async (market: string) => (await markets.getMarket({ market })).market!.state;
  await expect.poll(async () => state(symbol), { timeout: 15_000 }).toBe(Market_State.HALT);
  const late = buyer.limit(symbol, "buy 1.00 at 80.00");
  expect(await reasonIn(late)).toBe("MARKET_CLOSED");
  expect(await state(other.symbol)).toBe(Market_State.TRADING);
  const row = async () => {
    const { rows } = await sql`select state, reason from market where symbol = ${symbol}`.execute(
      served.db.sql,
    );
    return rows[0];
  };
  await expect.poll(row).toEqual({ state: "HALT", reason: "SETTLEMENT_REFUSED" });
  expect(await served.balance(buyer.id, quote)).toEqual(["910.00000000", "90.00000000"]);

  await move(seller.id, base, ["available", "in_orders"]);
  const asAdmin = await at.asAdmin();
  const { deadLetters } = await operations.listDeadLetters({}, asAdmin);
  const deadLetterIds = deadLetters.map(({ id }) => id);
  await operations.requeueDeadLetters({ requestId: newId(), deadLetterIds }, asAdmin);
  await expect
    .poll(async () => served.balance(seller.id, quote), { timeout: 15_000 })
    .toEqual(["90.00000000", "0.00000000"]);
  expect(await served.balance(buyer.id, base)).toEqual(["1.00000000", "0.00000000"]);
  await at.setState(symbol, "TRADING");
  await buyer.limit(symbol, "buy 1.00 at 80.00");
  expect(await row()).toEqual({ state: "TRADING", reason: "a test" });
});
