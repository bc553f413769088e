import { type Client, Code, ConnectError } from "@connectrpc/connect";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { Hold_Purpose } from "#gen/mizan/billing/v1/hold_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { bytesOf, derivedId, newId } from "#mesh/ids.ts";
import { serveBilling } from "../../billing/testing/serve-billing.ts";
import { insertPayouts, referenceOf, testStatements } from "../testing/test-statements.ts";
import { bookStatements } from "./book-statements.ts";

// The real ledger, over the real wire, with the certificate of settlement.
const stack = new AsyncDisposableStack();
afterAll(async () => stack.disposeAsync());
const world = stack.use(await testStatements());
const billing = stack.use(await serveBilling());
const ledger = billing.inside("settlement").of(LedgerService);
const core = billing.inside("core");
const [holds, credits] = [core.of(HoldService), core.of(CreditService)];
const { db, imported, bookings, alarms } = world;
const merchantId = newId();

beforeAll(async () => {
  const admin = await billing.outside(CreditService, newId(), "ADMIN");
  await admin.topUpPool({ requestId: newId(), amount: irr("1000.00") });
  await credits.grantCredit({ requestId: newId(), merchantId, creditLimit: irr("1000.00") });
});

/** A withdrawal that core has captured, or not yet, and that the bank has paid. */
async function paid(amount: string, isCaptured = true): Promise<string> {
  const holdId = newId();
  const purpose = Hold_Purpose.MERCHANT_WITHDRAWAL;
  const hold = { holdId, ownerId: merchantId, amount: irr(amount), purpose };
  const made = await holds.createHolds({ requestId: newId(), holds: [hold] });
  expect(made.results[0]!.error).toBeUndefined();
  if (isCaptured) await capture(holdId, "");
  const amountMinor = BigInt(amount.replace(".", ""));
  await insertPayouts(db.sql, [{ id: holdId, amountMinor }]);
  return holdId;
}

async function capture(holdId: string, bank: string): Promise<void> {
  const captures = [{ holdId, bank }];
  const { results } = await holds.captureHolds({ requestId: newId(), captures });
  expect(results[0]!.error).toBeUndefined();
}

async function balances(...paths: string[]): Promise<string[]> {
  const ids = paths.map((path) => bytesOf(derivedId(`account/${path}`)));
  const { accounts } = await ledger.lookupAccounts({ accountIds: ids });
  return accounts.map((one) => `d ${one.debitsPosted} c ${one.creditsPosted}`);
}

const [custody, bankOut] = ["custody/bank/bank", "clearing/bank_out/IRR"];

test("FLOW-10, FLOW-31 what a statement shows is booked once, however often it is asked for", async () => {
  const id = await paid("100.00");
  await imported([`L1,out,${referenceOf(id)},100.00`, "L2,in,rent,70.00"]);
  expect(await bookings()).toHaveLength(2);
  const queued = await sql`select * from booking`.execute(db.sql);
  expect(await bookStatements({ ...world, ledger })).toBe(false);
  expect(await bookings()).toEqual([]);
  const books = ["d 70.00 c 100.00", "d 100.00 c 100.00", "d 0.00 c 70.00"];
  const accounts = [custody, bankOut, "clearing/bank_in/bank"];
  expect(await balances(...accounts)).toEqual(books);
  for (const row of queued.rows as { path: string; amount_minor: bigint; payout_id: string }[]) {
    const { path, payout_id: payoutId, amount_minor: minor } = row;
    await sql`
      insert into booking (path, provider, payout_id, amount_minor)
      values (${path}, 'bank', ${payoutId}, ${String(minor)})`.execute(db.sql);
  }
  await bookStatements({ ...world, ledger });
  expect(await bookings()).toEqual([]);
  expect(await balances(...accounts)).toEqual(books);
});

test("FLOW-10 the line may come before core captures, with or without the name of the bank", async () => {
  const [one, other] = [await paid("10.00", false), await paid("20.00", false)];
  const before = await balances(custody, bankOut);
  expect(before).toEqual(["d 70.00 c 100.00", "d 100.00 c 100.00"]);
  await imported([`L3,out,${referenceOf(one)},10.00`, `L4,out,${referenceOf(other)},20.00`]);
  await bookStatements({ ...world, ledger });
  await capture(one, "");
  await capture(other, "bank");
  expect(await balances(custody, bankOut)).toEqual(["d 70.00 c 130.00", "d 130.00 c 130.00"]);
});

test("while the ledger is away bookings wait, and are made when it is back", async () => {
  const id = await paid("5.00");
  await imported([`L5,out,${referenceOf(id)},5.00`]);
  const away: Client<typeof LedgerService>["createTransfers"] = async () => {
    throw new ConnectError("away", Code.Unavailable);
  };
  const silent = { createAccounts: ledger.createAccounts, createTransfers: away };
  await expect(bookStatements({ ...world, ledger: silent })).rejects.toThrow("away");
  expect(await bookings()).toEqual([`mwd/${id}/custody 500`]);
  await bookStatements({ ...world, ledger });
  expect(await bookings()).toEqual([]);
});

test("what the ledger refuses stays, is tried later, and is told once", async () => {
  const id = newId();
  const booking = async (amount: number) =>
    sql`insert into booking (path, provider, payout_id, amount_minor)
      values (${`mwd/${id}/custody`}, 'bank', ${id}, ${amount})`.execute(db.sql);
  await booking(100);
  await bookStatements({ ...world, ledger });
  await booking(200);
  await bookStatements({ ...world, ledger });
  await sql`update booking set due_at = now()`.execute(db.sql);
  await bookStatements({ ...world, ledger });
  const { rows } = await sql`
    select status, tries, due_at > now() + interval '100 s' as later from booking`.execute(db.sql);
  expect(rows).toEqual([{ status: "EXISTS_WITH_DIFFERENT_AMOUNT", tries: 2, later: true }]);
  const refused = `The ledger does not book mwd/${id}/custody, which a statement shows`;
  expect(await alarms()).toEqual([`${refused}: EXISTS_WITH_DIFFERENT_AMOUNT.`]);
});

function irr(amount: string) {
  return { asset: "IRR", amount };
}
