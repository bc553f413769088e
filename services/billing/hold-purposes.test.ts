import { afterAll, beforeAll, expect, test } from "vitest";
import { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { Hold_Purpose as Purpose, HoldStateSchema } from "#gen/mizan/billing/v1/hold_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import { fromMinor, toMinor } from "#mesh/money.ts";
import { serveBilling } from "./testing/serve-billing.ts";

// The holds of each purpose, over the wire, by the services whose they are.

let served: Awaited<ReturnType<typeof serveBilling>>;
const stack = new AsyncDisposableStack();
const [admin, userId, merchantId] = [newId(), newId(), newId()];
const idOf = (path: string) => bytesOf(derivedId(`account/${path}`));
const irr = (amount: string) => ({ asset: "IRR", amount });

beforeAll(async () => {
  served = stack.use(await serveBilling());
  const core = served.inside("core").of(LedgerService);
  const account = { id: idOf(`user/${userId}/available/IRR`), asset: "IRR", code: 100, flags: 2 };
  const accounts = [{ ...account, userData: bytesOf(hexOf(userId)) }];
  await core.createAccounts({ requestId: newId(), accounts });
  const money = { requestId: newId(), userId, amount: irr("1000.00"), reference: "a test" };
  await (await served.outside(WalletService, admin, "ADMIN")).chargeAccount(money);
  const limit = { requestId: newId(), merchantId, creditLimit: irr("100.00") };
  await served.inside("core").of(CreditService).grantCredit(limit);
  const pool = { requestId: newId(), amount: irr("50.00"), reference: "a test" };
  await (await served.outside(CreditService, admin, "ADMIN")).topUpPool(pool);
});
afterAll(async () => stack.disposeAsync());

/** Makes a hold, takes it, and frees it too late; the state and the reason after each. */
async function runThrough(service: string, hold: object, capture: object, release: object) {
  const holds = served.inside(service).of(HoldService);
  const [holdId, requestId] = [newId(), newId()];
  const answers = [
    await holds.createHolds({ requestId, holds: [{ holdId, ...hold }] }),
    await holds.captureHolds({ requestId, captures: [{ holdId, ...capture }] }),
    await holds.releaseHolds({ requestId, releases: [{ holdId, ...release }] }),
  ];
  return answers.map(({ results: [result] }) => [
    HoldStateSchema.value[result!.state]!.name.replace("HOLD_STATE_", ""),
    result!.error?.reason,
  ]);
}

const taken = [
  ["HELD", undefined],
  ["CAPTURED", undefined],
  ["CAPTURED", "HOLD_ALREADY_CAPTURED"],
];

test("FLOW-9 FLOW-10 core holds, captures and releases for merchants, with a fee and a bank", async () => {
  const purpose = Purpose.MERCHANT_WITHDRAWAL;
  const hold = { ownerId: merchantId, purpose, amount: irr("10.00"), fee: irr("0.50") };
  expect(await runThrough("core", hold, { bank: "main" }, {})).toEqual(taken);
  const lacks = await runThrough("core", { ...hold, amount: irr("45.00") }, {}, {});
  expect(lacks[0]).toEqual(["UNSPECIFIED", "POOL_EXHAUSTED"]);
  const greedy = await runThrough("core", { ...hold, amount: irr("95.00") }, {}, {});
  expect(greedy[0]).toEqual(["UNSPECIFIED", "INSUFFICIENT_CREDIT"]);
});

test("FLOW-12 FLOW-13 core gives back what came back, and records what merchants repay", async () => {
  const core = served.inside("core");
  const [holds, credits] = [core.of(HoldService), core.of(CreditService)];
  const requestId = newId();
  const purpose = Purpose.MERCHANT_WITHDRAWAL;
  const wanted = [newId(), newId()].map((holdId) => {
    return { holdId, ownerId: merchantId, purpose, amount: irr("2.00") };
  });
  await holds.createHolds({ requestId, holds: wanted });
  const captures = wanted.map(({ holdId }) => ({ holdId, bank: "main" }));
  await holds.captureHolds({ requestId, captures });
  const before = (await credits.getCredit({ merchantId })).credit!;
  const refund = { refundId: newId(), holdId: wanted[0]!.holdId, amount: irr("2.00"), purpose };
  const refunds = [
    { ...refund, bank: "main" },
    { ...refund, refundId: newId() },
  ];
  const { results } = await holds.refundHolds({ requestId, refunds });
  expect(results.map(({ error, refunded }) => error?.reason ?? refunded?.amount)).toEqual([
    "2.00",
    "HOLD_FIELD_REQUIRED",
  ]);
  const repaid = { requestId: newId(), merchantId, amount: irr("2.00"), reference: "wire 3" };
  const answer = await credits.recordRepayment(repaid);
  expect(await credits.recordRepayment(repaid)).toEqual(answer);
  const utilized = fromMinor(toMinor(before.utilized!.amount, 2) - 4_00n, 2);
  expect(answer.credit).toMatchObject({ utilized: irr(utilized), creditLimit: irr("100.00") });
  const people = await served.outside(CreditService, admin, "ADMIN");
  const call = people.recordRepayment({ ...repaid, requestId: newId() });
  await expect(call).rejects.toThrow("permission_denied");
});

test("FLOW-19 FLOW-20 settlement holds for withdrawals to a chain that it names", async () => {
  const purpose = Purpose.CHAIN_WITHDRAWAL;
  const hold = { ownerId: userId, purpose, amount: irr("10.00"), chain: "tron", wallet: "hot" };
  expect(await runThrough("settlement", { ...hold, fee: irr("1.00") }, {}, {})).toEqual(taken);
  const [refused] = await runThrough("settlement", { ...hold, wallet: "" }, {}, {});
  expect(refused).toEqual(["UNSPECIFIED", "HOLD_FIELD_REQUIRED"]);
});

test("FLOW-27 FLOW-29 matching holds for purchases, and settles them with coins and a fee", async () => {
  const purpose = Purpose.PURCHASE;
  const hold = { ownerId: userId, purpose, amount: irr("10.00") };
  const coins = { asset: "USDT", amount: "0.5" };
  const settled = { purpose, amount: irr("9.00"), baseAmount: coins, fee: irr("0.10") };
  expect(await runThrough("matching", hold, settled, { purpose })).toEqual(taken);
  const [, , unnamed] = await runThrough("matching", hold, settled, {});
  expect(unnamed).toEqual(["UNSPECIFIED", "PURPOSE_REQUIRED"]);
});

test("FLOW-15 FLOW-17 matching holds for orders, and frees them step by step", async () => {
  const purpose = Purpose.ORDER;
  const hold = { ownerId: userId, purpose, amount: irr("10.00") };
  const freed = { purpose, amount: irr("4.00"), step: 1 };
  expect(await runThrough("matching", hold, { purpose }, freed)).toEqual([
    ["HELD", undefined],
    ["HELD", "HOLD_NOT_CAPTURABLE"],
    ["RELEASED", undefined],
  ]);
  const [amended] = await runThrough("matching", { ...hold, step: 1 }, { purpose }, freed);
  expect(amended).toEqual(["UNSPECIFIED", "HOLD_NOT_FOUND"]);
});

test("HOLD-1 HOLD-2 other purposes and an end by itself are refused item by item", async () => {
  const expireTime = { seconds: 4_000_000_000n, nanos: 0 };
  const hold = { ownerId: merchantId, purpose: Purpose.MERCHANT_WITHDRAWAL, amount: irr("1.00") };
  const [foreign] = await runThrough("settlement", hold, {}, {});
  expect(foreign).toEqual(["UNSPECIFIED", "NOT_YOUR_PURPOSE"]);
  const [ending] = await runThrough("core", { ...hold, expireTime }, {}, {});
  expect(ending).toEqual(["UNSPECIFIED", "HOLD_FIELD_NOT_ACCEPTED"]);
});

test("HOLD-2 settlement and matching can't write other transfers, or open other accounts", async () => {
  const transfer = {
    id: bytesOf(hexOf(newId())),
    debitAccountId: idOf(`user/${userId}/available/IRR`),
    creditAccountId: idOf("revenue/sms"),
    ...irr("1.00"),
    code: 100,
  };
  const account = { id: idOf("world/mine"), asset: "IRR", code: 700 };
  for (const service of ["settlement", "matching"]) {
    const ledger = served.inside(service).of(LedgerService);
    const requestId = newId();
    for (const dryRun of [false, true]) {
      const call = ledger.createTransfers({ requestId, transfers: [transfer], dryRun });
      expect(reasonOf(await call.catch((error: unknown) => error))).toBe("NOT_ALLOWED");
    }
    const call = ledger.createAccounts({ requestId, accounts: [account] });
    expect(reasonOf(await call.catch((error: unknown) => error))).toBe("NOT_ALLOWED");
  }
});
