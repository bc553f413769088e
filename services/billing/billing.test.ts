import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Hold_Purpose, HoldState } from "#gen/mizan/billing/v1/hold_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { AccountStatus } from "#gen/mizan/billing/v1/account_pb.ts";
import {
  Condition_Field,
  Condition_Operator,
  Condition_Side,
  TransferStatus,
} from "#gen/mizan/billing/v1/transfer_pb.ts";
import { Entry_Type } from "#gen/mizan/billing/v1/wallet_pb.ts";
import { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { bytesOf, derivedId, hexFromBytes, hexOf, newId } from "#mesh/ids.ts";
import { reasonOf } from "#mesh/errors.ts";
import type { Role } from "#mesh/person.ts";
import { serveBilling } from "./testing/serve-billing.ts";

// Billing as a whole, through the clients of those who call it: core and sms over gRPC, people over
// HTTP.

let served: Awaited<ReturnType<typeof serveBilling>>;
const stack = new AsyncDisposableStack();
beforeAll(async () => void (served = stack.use(await serveBilling())));
afterAll(async () => stack.disposeAsync());

const inside = (service: string) => served.inside(service);
const outside = async (id: string, ...roles: Role[]) => served.outside(WalletService, id, ...roles);

const available = (userId: string) => bytesOf(derivedId(`account/user/${userId}/available/IRR`));

async function join(): Promise<string> {
  const userId = newId();
  const { results } = await inside("core")
    .of(LedgerService)
    .createAccounts({
      requestId: newId(),
      accounts: [
        {
          id: available(userId),
          asset: "IRR",
          code: 100,
          flags: 2,
          userData: bytesOf(hexOf(userId)),
        },
      ],
    });
  expect(results[0]?.status).toBe(AccountStatus.CREATED);
  return userId;
}

const irr = (amount: string) => ({ asset: "IRR", amount });
const reasonWhy = async (call: Promise<unknown>) =>
  reasonOf(await call.catch((error: unknown) => error));

const codeOf = async (call: Promise<unknown>) =>
  ConnectError.from(await call.catch((error: unknown) => error)).code;

test("a charge, a hold, half of it captured: each balance is seen by its owner", async () => {
  const userId = await join();
  const [admin, user] = [await outside(newId(), "ADMIN"), await outside(userId, "USER")];
  const request = { requestId: newId(), userId, amount: irr("100.00"), reference: "cash" };
  const first = await admin.chargeAccount(request);
  expect(await admin.chargeAccount(request)).toEqual(first);
  const holds = inside("sms").of(HoldService);
  const holdId = newId();
  const hold = { holdId, ownerId: userId, purpose: Hold_Purpose.SMS, amount: irr("40.00") };
  const made = await holds.createHolds({ requestId: newId(), holds: [hold] });
  expect(made.results).toMatchObject([{ holdId, state: HoldState.HELD }]);
  const held = { available: irr("60.00"), held: irr("40.00"), total: irr("100.00") };
  expect((await user.getBalance({ asset: "IRR" })).balance).toMatchObject(held);
  const captures = [{ holdId, amount: irr("15.00") }];
  const taken = await holds.captureHolds({ requestId: newId(), captures });
  expect(taken.results).toMatchObject([{ state: HoldState.CAPTURED, captured: irr("15.00") }]);
  const [balance] = (await user.listBalances({})).balances;
  expect(balance).toMatchObject({ available: irr("85.00"), held: irr("0.00") });
  const { entries } = await user.listEntries({ asset: "IRR" });
  expect(entries.map(({ type }) => type)).toEqual([
    Entry_Type.SMS_DEDUCTION,
    Entry_Type.HOLD,
    Entry_Type.CHARGE,
  ]);
});

test("FLOW-5 what was captured is refunded, and its owner reads why", async () => {
  const userId = await join();
  const [admin, user] = [await outside(newId(), "ADMIN"), await outside(userId, "USER")];
  await admin.chargeAccount({ requestId: newId(), userId, amount: irr("100.00") });
  const holds = inside("sms").of(HoldService);
  const holdId = newId();
  const hold = { holdId, ownerId: userId, purpose: Hold_Purpose.SMS, amount: irr("40.00") };
  await holds.createHolds({ requestId: newId(), holds: [hold] });
  await holds.captureHolds({ requestId: newId(), captures: [{ holdId }] });
  const refund = { holdId, amount: irr("25.00"), reference: "+98 912" };
  const [first, second] = [newId(), newId()];
  const refunds = [
    { ...refund, refundId: first.toUpperCase() },
    { ...refund, refundId: second },
  ];
  const once = await holds.refundHolds({ requestId: newId(), refunds });
  expect(await holds.refundHolds({ requestId: newId(), refunds })).toEqual(once);
  expect(once.results).toMatchObject([
    { refundId: first, refunded: irr("25.00") },
    { refundId: second, error: { domain: "mizan.billing", reason: "REFUND_EXCEEDED" } },
  ]);
  expect(once.results[0]?.error ?? once.results[1]?.refunded).toBeUndefined();
  expect(once.results[1]?.error?.metadata).toMatchObject({ amount: "25.00", left: "15.00" });
  const { entries } = await user.listEntries({ asset: "IRR", pageSize: 1 });
  expect(entries).toMatchObject([
    { type: Entry_Type.REFUND, amount: irr("25.00"), reference: "+98 912" },
  ]);
  expect(entries[0]?.balanceAfter).toMatchObject({ available: irr("85.00"), held: irr("0.00") });
});

test("a refund without its ids, without an amount, or with too long a text is refused before it is tried", async () => {
  const { refundHolds } = inside("sms").of(HoldService);
  const whole = { refundId: newId(), holdId: newId(), amount: irr("1.00"), reference: "" };
  const wrong = [
    { ...whole, refundId: "7" },
    { ...whole, holdId: "" },
    { refundId: newId(), holdId: newId() },
    { ...whole, amount: irr("-1.00") },
    { ...whole, reference: "x".repeat(141) },
  ];
  for (const refund of wrong) {
    const call = refundHolds({ requestId: newId(), refunds: [refund] });
    expect(await codeOf(call)).toBe(Code.InvalidArgument);
  }
  const many = Array.from({ length: 1001 }, () => whole);
  expect(await codeOf(refundHolds({ requestId: newId(), refunds: many }))).toBe(
    Code.InvalidArgument,
  );
});

test("refusals of single holds come with their reasons, in the answer", async () => {
  const userId = await join();
  const hold = { holdId: newId(), ownerId: userId, purpose: Hold_Purpose.SMS, amount: irr("1.00") };
  const call = {
    requestId: newId(),
    holds: [hold, { ...hold, ownerId: newId(), holdId: newId() }],
  };
  const { results } = await inside("sms").of(HoldService).createHolds(call);
  const reasons = results.map(({ error }) => [error?.domain, error?.reason]);
  expect(reasons).toEqual([
    ["mizan.billing", "INSUFFICIENT_FUNDS"],
    ["mizan.billing", "OWNER_NOT_FOUND"],
  ]);
});

test("HOLD-2 core may call HoldService, but not for the purpose of sms", async () => {
  const hold = {
    holdId: newId(),
    ownerId: newId(),
    purpose: Hold_Purpose.SMS,
    amount: irr("1.00"),
  };
  const { createHolds } = inside("core").of(HoldService);
  const { results } = await createHolds({ requestId: newId(), holds: [hold] });
  expect(results[0]?.error?.reason).toBe("NOT_YOUR_PURPOSE");
});

test("S7 a person sees nobody else's balances, core sees everybody's", async () => {
  const userId = await join();
  const stranger = await outside(newId(), "USER");
  expect(await reasonWhy(stranger.listBalances({ ownerId: userId }))).toBe("OWNER_NOT_FOUND");
  const wallet = inside("core").of(WalletService);
  expect((await wallet.listBalances({ ownerId: userId })).balances).toHaveLength(1);
  expect(await reasonWhy(wallet.listBalances({}))).toBe("OWNER_REQUIRED");
  expect(await reasonWhy(wallet.listBalances({ ownerId: newId() }))).toBe("OWNER_NOT_FOUND");
});

test("a user may not charge", async () => {
  const userId = await join();
  const user = await outside(userId, "USER");
  const charge = { requestId: newId(), userId, amount: irr("1.00") };
  expect(await reasonWhy(user.chargeAccount(charge))).toBe("NOT_ALLOWED");
});

test("a batch of transfers is answered one by one, and again the same way", async () => {
  const [from, to] = [await join(), await join()];
  await (
    await outside(newId(), "ADMIN")
  ).chargeAccount({
    requestId: newId(),
    userId: from,
    amount: irr("10.00"),
  });
  const ledger = inside("core").of(LedgerService);
  const transfer = (amount: string) => ({
    id: bytesOf(hexOf(newId())),
    debitAccountId: available(from),
    creditAccountId: available(to),
    asset: "IRR",
    amount,
    code: 100,
  });
  const request = { requestId: newId(), transfers: [transfer("4.00"), transfer("7.00")] };
  const statuses = async () =>
    (await ledger.createTransfers(request)).results.map(({ status }) => status);
  expect(await statuses()).toEqual([TransferStatus.CREATED, TransferStatus.EXCEEDS_CREDITS]);
  expect(await statuses()).toEqual([TransferStatus.EXISTS, TransferStatus.ID_ALREADY_FAILED]);
  const { accounts } = await ledger.lookupAccounts({ accountIds: [available(to)] });
  expect(accounts).toMatchObject([{ creditsPosted: "4.00", version: 1n }]);
  const { transfers } = await ledger.listAccountTransfers({ accountId: available(to) });
  expect(transfers).toMatchObject([{ amount: "4.00", seq: expect.any(BigInt) }]);
  const found = await ledger.lookupTransfers({ transferIds: [request.transfers[0]!.id] });
  expect(found.transfers).toEqual(transfers);
});

test("EXT-1 EXT-2 EXT-3 a dry run, conditions, versions and reverts, with their answers", async () => {
  const [from, to] = [await join(), await join()];
  const admin = await outside(newId(), "ADMIN");
  await admin.chargeAccount({ requestId: newId(), userId: from, amount: irr("10.00") });
  const ledger = inside("core").of(LedgerService);
  const transfer = (more: object = {}) => ({
    id: bytesOf(hexOf(newId())),
    debitAccountId: available(from),
    creditAccountId: available(to),
    asset: "IRR",
    amount: "4.00",
    code: 100,
    ...more,
  });
  const field = Condition_Field.AVAILABLE;
  const wish = { side: Condition_Side.DEBIT, field, operator: Condition_Operator.GTE };
  const transfers = [
    transfer({ conditions: [{ ...wish, amount: "6.01" }] }),
    transfer({ expectedDebitVersion: 0n }),
    transfer({
      reference: "why",
      expectedDebitVersion: 1n,
      expectedCreditVersion: 0n,
      conditions: [{ ...wish, amount: "-0.01" }],
    }),
  ];
  const create = async (dryRun: boolean) => {
    const { results } = await ledger.createTransfers({ requestId: newId(), transfers, dryRun });
    return results.map(({ status }) => status);
  };
  const { CONDITION_NOT_MET, VERSION_MISMATCH, CREATED } = TransferStatus;
  const answers = [CONDITION_NOT_MET, VERSION_MISMATCH, CREATED];
  expect([await create(true), await create(true), await create(false)]).toEqual([
    answers,
    answers,
    answers,
  ]);
  const originalId = transfers[2]!.id;
  const revert = async (id: Uint8Array, of: Uint8Array) => {
    const request = { requestId: newId(), id, originalId: of, reference: "a mistake" };
    return (await ledger.revertTransfer(request)).result;
  };
  const id = bytesOf(hexOf(newId()));
  const mirror = { amount: "4.00", reference: "a mistake", debitVersion: 2n, creditVersion: 3n };
  const made = await revert(id, originalId);
  expect(made).toMatchObject({
    index: 0,
    status: CREATED,
    transfer: mirror,
    debitBalances: { debitsPosted: "4.00", creditsPosted: "4.00" },
  });
  const named = [made!.transfer!.revertsId, made!.transfer!.debitAccountId];
  expect(named.map(hexFromBytes)).toEqual([originalId, available(to)].map(hexFromBytes));
  const statusOf = async (one: Uint8Array) => (await revert(bytesOf(hexOf(newId())), one))?.status;
  expect((await revert(id, originalId))?.status).toBe(TransferStatus.EXISTS);
  expect([await statusOf(originalId), await statusOf(id), await statusOf(id.toReversed())]).toEqual(
    [
      TransferStatus.ALREADY_REVERTED,
      TransferStatus.ORIGINAL_NOT_REVERTIBLE,
      TransferStatus.ORIGINAL_NOT_FOUND,
    ],
  );
});

test("ids of a wrong length are refused", async () => {
  const ledger = inside("core").of(LedgerService);
  const transfer = { id: new Uint8Array(16), pendingId: new Uint8Array(5), asset: "IRR" };
  const call = ledger.createTransfers({ requestId: newId(), transfers: [transfer] });
  expect(await reasonWhy(call)).toBe("INVALID_ID");
});

test("everybody sees what the ledger counts", async () => {
  const transport = createConnectTransport({ baseUrl: served.http, httpVersion: "1.1" });
  const { assets } = await createClient(AssetService, transport).listAssets({});
  expect(assets.map(({ code, scale }) => `${code} ${scale}`)).toEqual([
    "ABAN 8",
    "BTC 8",
    "ETH 18",
    "IRR 2",
    "USDT 6",
  ]);
});
