import fc from "fast-check";
import { expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import { MAX_BATCH_EVENTS } from "#mesh/limits.ts";
import { naiveBooks, readRows, toBalances } from "../testing/naive-books.ts";
import { batches, happen, twoWallets } from "../testing/random-wallets.ts";
import { testBilling } from "../testing/test-billing.ts";
import { balancesOfThen } from "./balances-of-then.ts";
import { createAccounts } from "./create-accounts.ts";
import { createTransfers, type TransferRequest } from "./create-transfers.ts";

const idOf = (name: string) => derivedId(`account/${name}`);
const transfer = (name: string, rest: Partial<TransferRequest> = {}): TransferRequest => ({
  id: derivedId(name),
  debitAccountId: idOf("a"),
  creditAccountId: idOf("b"),
  pendingId: ZERO_ID,
  asset: "IRR",
  amount: "1.00",
  isAll: false,
  timeoutSeconds: 0,
  code: 100,
  flags: 0,
  userData: ZERO_ID,
  ...rest,
});

async function twoAccounts() {
  const world = await testBilling();
  const accounts = ["a", "b"].map((name) => {
    return { id: idOf(name), asset: "IRR", code: 100, flags: 0, userData: ZERO_ID };
  });
  await createAccounts(world.billing, accounts, {});
  return world;
}

test("TRF-7 IDEM-1 a copy is answered with the balances of then, not of now", async () => {
  await using world = await twoAccounts();
  const { billing } = world;
  const back = { debitAccountId: idOf("b"), creditAccountId: idOf("a"), amount: "0.30" };
  const requests = [
    transfer("first"),
    transfer("back", back),
    transfer("hold", { flags: 2 }),
    transfer("second"),
  ];
  const first = await createTransfers(billing, requests, {});
  await createTransfers(billing, [transfer("later"), transfer("later back", back)], {});
  const again = await createTransfers(billing, [...requests, transfer("new")], {});
  expect(again.map(({ status }) => status)).toEqual([...Array(4).fill("exists"), "created"]);
  for (const [place, { debit, credit }] of first.entries()) {
    expect([place, again[place]]).toMatchObject([place, { debit, credit }]);
  }
});

test("TRF-7 a transfer that comes twice in a request has its balances twice, dry runs too", async () => {
  await using world = await twoAccounts();
  const { billing } = world;
  const twice = [transfer("x"), transfer("y"), transfer("x")];
  for (const isDryRun of [true, false]) {
    const [made, , copy] = await createTransfers(billing, twice, { isDryRun });
    expect(copy).toMatchObject({ status: "exists", debit: made!.debit, credit: made!.credit });
    expect(copy?.debit?.debitsPosted).toBe(1_00n);
  }
});

test("TRF-7 where nothing is a copy nothing is read", async () => {
  const db = undefined as never; // whoever reads fails
  const made = [{ status: "created" }, { status: "exceeds_credits" }] as const;
  expect(await balancesOfThen({ db }, made)).toBe(made);
});

test("TRF-7 IDEM-1 a whole batch of copies is answered in the fifth year, of one-sided accounts", async () => {
  await using world = await twoAccounts();
  const { billing, db } = world;
  await using connection = await openConnection({ url: db.url, name: "test" });
  const past = [48 * MONTH_US];
  await connection.query("select make_months(ledger_now_us() - $1::bigint, ledger_now_us())", past);
  await connection.query("update account set created_at_us = created_at_us - $1::bigint", past);
  const requests = Array.from({ length: MAX_BATCH_EVENTS }, (_, at) => transfer(`copy ${at}`));
  const first = await createTransfers(billing, requests, {});
  const again = await createTransfers(billing, requests, {}); // or its statement takes too long
  expect(again.map(({ status }) => status)).toEqual(requests.map(() => "exists"));
  for (const place of [0, 4000, MAX_BATCH_EVENTS - 1]) {
    const { debit, credit } = first[place]!;
    expect([place, again[place]]).toMatchObject([place, { debit, credit }]);
  }
});

const MONTH_US = 30 * 24 * 3600 * 1_000_000;

test("L17 TRF-7 the balances of then are the fold of the rows", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const [all] = fc.sample(batches, { numRuns: 1, seed: 8 });
  const { names } = await twoWallets(billing);
  await happen(world, names, all!, 30);
  const rows = await readRows(billing.db);
  const outcomes = await billing.writer.submit({
    eventCount: 1,
    ids: rows.map(({ id }) => ({ id, pendingId: ZERO_ID })),
    decide: ({ ledger }) =>
      rows.map(({ id }) => ({ status: "exists" as const, transfer: ledger.transfer(id)! })),
  });
  const books = naiveBooks();
  const expected = rows.map((row) => {
    books.apply(row);
    const [debit, credit] = [books.of(row.debit_slot), books.of(row.credit_slot)].map(toBalances);
    return { debit, credit };
  });
  const many = outcomes.length;
  for (const from of [0, many >> 1, many - 1]) {
    const answers = await balancesOfThen(billing, outcomes.slice(from));
    expect(answers.map(({ debit, credit }) => ({ debit, credit }))).toEqual(expected.slice(from));
  }
});
