import { expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { reasonOf } from "#mesh/errors.ts";
import { derivedId, hexOf, newId, ZERO_ID } from "#mesh/ids.ts";
import { TransferFlags } from "../domain/transfer.ts";
import { testBilling } from "../testing/test-billing.ts";
import { findFaults } from "../testing/test-ledger.ts";
import { createAccounts } from "./create-accounts.ts";
import { createTransfers, type TransferRequest } from "./create-transfers.ts";
import { listAccountTransfers } from "./list-account-transfers.ts";
import { lookupAccounts } from "./lookup-accounts.ts";
import { lookupTransfers } from "./lookup-transfers.ts";

const idOf = (name: string) => derivedId(`account/${name}`);
const account = (name: string, asset = "USDT") => {
  return { id: idOf(name), asset, code: 100, flags: 0, userData: ZERO_ID };
};
const transfer = (rest: Partial<TransferRequest> = {}): TransferRequest => ({
  id: hexOf(newId()),
  debitAccountId: idOf("a"),
  creditAccountId: idOf("b"),
  pendingId: ZERO_ID,
  asset: "USDT",
  amount: "1.5",
  isAll: false,
  timeoutSeconds: 0,
  code: 100,
  flags: 0,
  userData: ZERO_ID,
  ...rest,
});
const ending = { debitAccountId: ZERO_ID, creditAccountId: ZERO_ID, asset: "", code: 0 };

async function world() {
  const made = await testBilling();
  await createAccounts(made.billing, [account("a"), account("b")], {});
  return made;
}

test("a transfer is answered with its place, its accounts and the balances after it", async () => {
  await using made = await world();
  const [result] = await createTransfers(made.billing, [transfer()], {});
  expect(result).toMatchObject({
    status: "created",
    view: { debitAccountId: idOf("a"), creditAccountId: idOf("b"), transfer: { seq: 1 } },
    debit: { debitsPosted: 1_500_000n, version: 1 },
    credit: { creditsPosted: 1_500_000n, version: 1 },
  });
});

test("TRF-2 a post or void without an asset means the amount in that of the pending transfer", async () => {
  await using made = await world();
  const { billing, db } = made;
  const pending = transfer({ amount: "3", flags: TransferFlags.PENDING });
  const half = { ...ending, pendingId: pending.id, flags: TransferFlags.POST_PENDING };
  const post = transfer({ ...half, amount: "1.25" });
  const results = await createTransfers(billing, [pending, post, post], {});
  expect(results.map(({ status }) => status)).toEqual(["created", "created", "exists"]);
  expect(results[1]?.view?.transfer.amount).toBe(1_250_000n);
  expect(await findFaults(db)).toEqual([]);
});

test("TRF-1 all of a post, of a void and of a balancing transfer", async () => {
  await using made = await world();
  const { billing } = made;
  const held = [
    transfer({ flags: TransferFlags.PENDING }),
    transfer({ flags: TransferFlags.PENDING }),
  ];
  const rest = { ...ending, amount: "", isAll: true };
  const results = await createTransfers(
    billing,
    [
      ...held,
      transfer({ ...rest, pendingId: held[0]!.id, flags: TransferFlags.POST_PENDING }),
      transfer({ ...rest, pendingId: held[1]!.id, flags: TransferFlags.VOID_PENDING }),
      transfer({
        debitAccountId: idOf("b"),
        creditAccountId: idOf("a"),
        amount: "",
        isAll: true,
        flags: TransferFlags.BALANCING_DEBIT,
      }),
    ],
    {},
  );
  const amounts = results.map(({ status, view }) => [status, view?.transfer.amount]);
  expect(amounts).toEqual(results.map(() => ["created", 1_500_000n]));
});

test("an asset that is not counted is a status, an amount that is none refuses the request", async () => {
  await using made = await world();
  const { billing } = made;
  const unknown = await createTransfers(billing, [transfer({ asset: "XYZ", amount: "0.1" })], {});
  expect(unknown[0]?.status).toBe("transfer_must_have_the_same_ledger_as_accounts");
  const opened = await createAccounts(billing, [account("c", "XYZ")], {});
  expect(opened[0]?.status).toBe("ledger_not_found");
  for (const wrong of [{ amount: "1.0000001" }, { isAll: true }]) {
    const good = transfer();
    const call = createTransfers(billing, [good, transfer(wrong)], {});
    expect(reasonOf(await call.catch((error: unknown) => error))).toBe("INVALID_AMOUNT");
    expect(await lookupTransfers(billing, [good.id], {})).toEqual([]);
  }
});

test("what was made is found by id, and by account from the newest on", async () => {
  await using made = await world();
  const { billing } = made;
  const made3 = [transfer(), transfer(), transfer()];
  const results = await createTransfers(billing, made3, {});
  const views = results.map(({ view }) => view);
  const ids = made3.map(({ id }) => id);
  const unknown = hexOf(newId());
  expect(await lookupTransfers(billing, [ids[2]!, unknown, ids[0]!], {})).toEqual([
    views[2],
    views[0],
  ]);
  const [found, ...others] = await lookupAccounts(billing, [idOf("b"), unknown], {});
  expect([found?.creditsPosted, others]).toEqual([4_500_000n, []]);
  const list = { accountId: idOf("b"), pageSize: 2, pageToken: "" };
  const first = await listAccountTransfers(billing, list, {});
  const next = await listAccountTransfers(billing, { ...list, pageToken: first.nextPageToken }, {});
  expect([...first.rows, ...next.rows]).toEqual(views.toReversed());
  expect(next.nextPageToken).toBe("");
  const missing = listAccountTransfers(billing, { ...list, accountId: unknown }, {});
  expect(reasonOf(await missing.catch((error: unknown) => error))).toBe("ACCOUNT_NOT_FOUND");
});

test("EXT-2 a dry run tells what would become of transfers, and takes no commit", async () => {
  await using made = await world();
  const { billing, db } = made;
  await using reader = await openConnection({ url: db.url, name: "test" });
  const stored = async () =>
    reader.query(`select (select count(*) from ledger_commit) as commits,
      (select count(*) from transfer) as transfers, (select count(*) from transfer_failed) as failed`);
  const before = await stored();
  const pending = transfer({ flags: TransferFlags.PENDING });
  const post = transfer({ ...ending, pendingId: pending.id, flags: TransferFlags.POST_PENDING });
  const lost = transfer({ creditAccountId: idOf("nobody") });
  const requests = [pending, post, lost];
  const foretold = await createTransfers(billing, requests, { isDryRun: true });
  expect(foretold.map(({ status }) => status)).toEqual([
    "created",
    "created",
    "credit_account_not_found",
  ]);
  expect(foretold[1]).toMatchObject({
    view: { debitAccountId: idOf("a"), transfer: { seq: 2, amount: 1_500_000n } },
    debit: { debitsPosted: 1_500_000n, version: 2 },
  });
  expect(await stored()).toEqual(before);
  expect(await lookupTransfers(billing, [pending.id], {})).toEqual([]);
  const results = await createTransfers(billing, requests, {});
  const bodies = (all: typeof results) =>
    all.map(({ status, debit, credit, transfer: row }) => [status, debit, credit, row?.seq]);
  expect(bodies(results)).toEqual(bodies(foretold));
  expect(await stored()).toEqual([{ ...before[0], commits: 1, transfers: 2, failed: 1 }]);
});

test("EXT-1 conditions have their amounts in major units of the transfer's asset, with a sign", async () => {
  await using made = await world();
  const { billing } = made;
  const wish = { side: "debit", field: "available", op: "gte", amount: "-1.5" } as const;
  const pending = transfer({ flags: TransferFlags.PENDING, wishes: [wish] });
  const post = {
    ...ending,
    pendingId: pending.id,
    flags: TransferFlags.POST_PENDING,
    amount: "",
    isAll: true,
  };
  const results = await createTransfers(
    billing,
    [
      transfer({ wishes: [{ ...wish, amount: "-1.499999" }] }),
      pending,
      transfer({ ...post, wishes: [{ ...wish, op: "eq", amount: "-1.500001" }] }),
      transfer({ ...post, wishes: [{ ...wish, op: "eq", amount: "-1.500000" }] }),
      transfer({ expectedDebitVersion: 1 }),
      transfer({ expectedDebitVersion: 2, expectedCreditVersion: 2 }),
    ],
    {},
  );
  expect(results.map(({ status }) => status)).toEqual([
    "condition_not_met",
    "created",
    "condition_not_met",
    "created",
    "version_mismatch",
    "created",
  ]);
  const wrong = createTransfers(
    billing,
    [transfer({ wishes: [{ ...wish, amount: "0.0000001" }] })],
    {},
  );
  expect(reasonOf(await wrong.catch((error: unknown) => error))).toBe("INVALID_AMOUNT");
});
