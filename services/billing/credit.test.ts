import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Approval_State } from "#gen/mizan/billing/v1/approval_pb.ts";
import { ApprovalService } from "#gen/mizan/billing/v1/approval_service_pb.ts";
import { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import { toMinor } from "#mesh/money.ts";
import { parseFourEyes } from "./domain/four-eyes.ts";
import { serveBilling } from "./testing/serve-billing.ts";

// Credit, pool, assets and second administrators, through the clients of those who call them.

let served: Awaited<ReturnType<typeof serveBilling>>;
beforeAll(async () => {
  served = await serveBilling({ fourEyes: parseFourEyes("IRR=1000000.00") });
});
afterAll(async () => served[Symbol.asyncDispose]());

const [ada, bob] = [newId(), newId()];
const irr = (amount: string) => ({ asset: "IRR", amount });
const reasonWhy = async (call: Promise<unknown>) =>
  reasonOf(await call.catch((error: unknown) => error));
const codeOf = async (call: Promise<unknown>) =>
  Code[ConnectError.from(await call.catch((error: unknown) => error)).code];

async function join(): Promise<string> {
  const userId = newId();
  const id = bytesOf(derivedId(`account/user/${userId}/available/IRR`));
  const account = { id, asset: "IRR", code: 100, flags: 2, userData: bytesOf(hexOf(userId)) };
  const ledger = served.inside("core").of(LedgerService);
  await ledger.createAccounts({ requestId: newId(), accounts: [account] });
  return userId;
}

describe("S7 a merchant", () => {
  test("reads the own credit, which core has granted, and nobody else's", async () => {
    const merchantId = newId();
    const merchant = await served.outside(CreditService, merchantId, "MERCHANT");
    expect(await reasonWhy(merchant.getCredit({}))).toBe("MERCHANT_NOT_FOUND");
    const core = served.inside("core").of(CreditService);
    const request = { requestId: newId(), merchantId, creditLimit: irr("1000.00") };
    const granted = await core.grantCredit(request);
    expect(await core.grantCredit(request)).toEqual(granted);
    const { credit } = await merchant.getCredit({});
    expect(credit).toEqual(granted.credit);
    expect(await core.getCredit({ merchantId: merchantId.toUpperCase() })).toMatchObject({
      credit: { available: irr("1000.00") },
    });
    expect(await merchant.getCredit({ merchantId })).toMatchObject({ credit: {} });
    const other = await served.outside(CreditService, newId(), "MERCHANT");
    expect(await reasonWhy(other.getCredit({ merchantId }))).toBe("MERCHANT_NOT_FOUND");
    expect(await reasonWhy(core.getCredit({}))).toBe("MERCHANT_REQUIRED");
  });

  test("grants nothing, fills no pool and counts no assets, and neither does a user", async () => {
    for (const role of ["MERCHANT", "USER"] as const) {
      const credits = await served.outside(CreditService, newId(), role);
      const assets = await served.outside(AssetService, newId(), role);
      const approvals = await served.outside(ApprovalService, newId(), role);
      const calls = [
        credits.topUpPool({ amount: irr("1") }),
        credits.getPool({}),
        assets.createAsset({ code: "SOL", scale: 9 }),
        approvals.listApprovals({}),
        approvals.approveMovement({ approvalId: newId() }),
        approvals.rejectMovement({ approvalId: newId() }),
      ];
      const codes = await Promise.all(calls.map(codeOf));
      expect(new Set(codes)).toEqual(new Set(["PermissionDenied"]));
      const grant = credits.grantCredit({ merchantId: newId(), creditLimit: irr("1") });
      expect(await codeOf(grant)).toBe("PermissionDenied"); // it is for services alone
    }
  });
});

test("HOLD-7 S10 above the limit an administrator asks, and another one agrees", async () => {
  const userId = await join();
  const wallet = await served.outside(WalletService, ada, "ADMIN");
  const [own, other] = [
    await served.outside(ApprovalService, ada, "ADMIN"),
    await served.outside(ApprovalService, bob, "ADMIN"),
  ];
  const request = { requestId: newId(), userId, amount: irr("1000000.01"), reference: "" };
  expect(await reasonWhy(wallet.chargeAccount(request))).toBe("REASON_REQUIRED");
  const asked = await wallet
    .chargeAccount({ ...request, reference: "opening balance" })
    .catch((error: unknown) => ConnectError.from(error));
  const refusal = asked as ConnectError;
  expect([refusal.code, reasonOf(refusal)]).toEqual([Code.FailedPrecondition, "APPROVAL_REQUIRED"]);
  const { approval_id: approvalId = "" } = refusal.findDetails(ErrorInfoSchema)[0]!.metadata;
  const { approvals } = await other.listApprovals({ state: Approval_State.PENDING });
  expect(approvals).toMatchObject([
    {
      id: approvalId,
      method: "mizan.billing.v1.WalletService/ChargeAccount",
      state: Approval_State.PENDING,
      amount: irr("1000000.01"),
      beneficiary: userId,
      reference: "opening balance",
      requestedBy: ada,
      decidedBy: "",
      entryId: "",
    },
  ]);
  expect(approvals[0]!.decideTime).toBeUndefined();
  const decision = { requestId: newId(), approvalId };
  expect(await reasonWhy(own.approveMovement(decision))).toBe("SAME_PERSON");
  const { approval } = await other.approveMovement(decision);
  const user = await served.outside(WalletService, userId, "USER");
  const { entries } = await user.listEntries({ asset: "IRR" });
  expect(entries).toMatchObject([
    { id: approval!.entryId, amount: irr("1000000.01"), reference: "opening balance" },
  ]);
  expect(await reasonWhy(other.rejectMovement({ approvalId }))).toBe("APPROVAL_DECIDED");
});

test("HOLD-7 S10 another administrator agrees by the same call with the same key", async () => {
  const [own, other, third] = [
    await served.outside(CreditService, ada, "ADMIN"),
    await served.outside(CreditService, bob, "ADMIN"),
    await served.outside(CreditService, newId(), "ADMIN"),
  ];
  const available = async () => toMinor((await own.getPool({})).pool!.available!.amount, 2);
  const before = await available();
  const request = { requestId: newId(), amount: irr("2000000.00"), reference: "fill up" };
  expect(await reasonWhy(own.topUpPool(request))).toBe("APPROVAL_REQUIRED");
  const another = { ...request, amount: irr("3000000.00") };
  expect(await reasonWhy(other.topUpPool(another))).toBe("IDEMPOTENCY_KEY_REUSED");
  expect(await available()).toBe(before);
  const agreed = await other.topUpPool(request);
  expect(await available()).toBe(before + 2_000_000_00n);
  expect(await other.topUpPool(request)).toEqual(agreed);
  expect(await reasonWhy(own.topUpPool(request))).toBe("APPROVAL_REQUIRED"); // as the first time
  const approvals = await served.outside(ApprovalService, ada, "ADMIN");
  const decided = await approvals.listApprovals({ state: Approval_State.APPROVED });
  expect(decided.approvals[0]).toMatchObject({ requestedBy: ada, decidedBy: bob });
  // Nothing waits any more: a third one asks anew.
  expect(await reasonWhy(third.topUpPool(request))).toBe("APPROVAL_REQUIRED");
  expect(await available()).toBe(before + 2_000_000_00n);
});

test("HOLD-7 POST /billing/v1/charge asks a second administrator too", async () => {
  const user_id = await join();
  const post = async (body: object) => {
    const response = await fetch(`${served.http}/billing/v1/charge`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await served.tokenOf(ada, "ADMIN")}`,
      },
      body: JSON.stringify(body),
    });
    const { code, error } = (await response.json()) as { code: string; error: string };
    return [response.status, code, error] as const;
  };
  const large = { user_id, amount: 1_000_001 };
  expect((await post(large))[1]).toBe("REASON_REQUIRED");
  const [status, code, error] = await post({ ...large, reference: "salary" });
  expect([status, code]).toEqual([400, "APPROVAL_REQUIRED"]);
  const [approvalId] = /[0-9a-f-]{36}/.exec(error)!;
  const approvals = await served.outside(ApprovalService, bob, "ADMIN");
  await approvals.approveMovement({ approvalId });
  const user = await served.outside(WalletService, user_id, "USER");
  expect((await user.getBalance({ asset: "IRR" })).balance?.total).toMatchObject(irr("1000001.00"));
});

test("an asset that is counted from now on is known to all who ask", async () => {
  const admin = await served.outside(AssetService, ada, "ADMIN");
  const request = { requestId: newId(), code: "SOL", scale: 9 };
  const first = await admin.createAsset(request);
  expect(first.asset).toMatchObject({ code: "SOL", scale: 9 });
  expect(await admin.createAsset(request)).toEqual(first);
  expect(await admin.createAsset({ code: "SOL", scale: 9 })).toEqual(first);
  expect(await reasonWhy(admin.createAsset({ code: "SOL", scale: 8 }))).toBe("ASSET_EXISTS");
  const sms = served.inside("sms").of(AssetService);
  const codes = (await sms.listAssets({})).assets.map(({ code }) => code);
  expect(codes).toEqual(["ABAN", "BTC", "ETH", "IRR", "SOL", "USDT"]);
  const userId = await join();
  const wallet = await served.outside(WalletService, ada, "ADMIN");
  const amount = { asset: "SOL", amount: "0.000000001" };
  expect(await wallet.chargeAccount({ userId, amount })).toMatchObject({
    balance: { total: amount },
  });
  const lines = { asset: "IRR.credit", amount: "1" };
  expect(await reasonWhy(wallet.chargeAccount({ userId, amount: lines }))).toBe("UNKNOWN_ASSET");
});
