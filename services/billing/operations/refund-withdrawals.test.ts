import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { hexOf, newId } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import {
  bankCustodyAccount,
  merchantCreditAccount,
  merchantCreditUsedAccount,
  poolAccount,
} from "../domain/chart.ts";
import { merchantWithdrawal } from "../domain/flows/merchant-withdrawal.ts";
import { testBilling } from "../testing/test-billing.ts";
import { fillPool, grant, repay } from "../testing/test-credit.ts";
import { changesOf, codesOf, unbalanced } from "../testing/test-flows.ts";
import { findFaults, testWriter } from "../testing/test-ledger.ts";
import { captureHolds } from "./capture-holds.ts";
import { createHolds } from "./create-holds.ts";
import { getCredit } from "./get-credit.ts";
import { getPool } from "./get-pool.ts";
import { type Refund, refundHolds, type RefundOutcome } from "./refund-holds.ts";
import { releaseHolds } from "./release-holds.ts";
import { revertTransfer } from "./revert-transfer.ts";

const service = "core";
const irr = (amount: string) => ({ asset: "IRR", amount });

/** A merchant with a limit of 100.00, and a pool that has more. */
async function testMerchant() {
  const world = await testBilling();
  await fillPool(world.billing, "1000.00");
  const { merchantId } = await grant(world.billing, "100.00");
  return { ...world, merchantId, [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
}

async function held(billing: Billing, ownerId: string, amount: string, fee?: string) {
  const hold = { holdId: newId(), ownerId, ...irr(amount), reference: "" };
  const holds = [{ ...hold, ...(fee !== undefined && { fee: irr(fee) }) }];
  const [outcome] = await createHolds(billing, { service, holds }, {});
  expect(outcome?.state).toBe("held");
  return hold.holdId;
}

async function paid(billing: Billing, ownerId: string, amount: string, fee?: string) {
  const holdId = await held(billing, ownerId, amount, fee);
  const [outcome] = await captureHolds(billing, { service, holds: [{ holdId }] }, {});
  expect(outcome?.state).toBe("captured");
  return holdId;
}

const returnOf = (holdId: string, amount: string, rest: Partial<Refund> = {}): Refund => {
  return { refundId: newId(), holdId, ...irr(amount), bank: "main", reference: "", ...rest };
};
const giveBack = async (billing: Billing, ...refunds: Refund[]) =>
  refundHolds(billing, { service, refunds }, {});
const shown = ({ error, refunded }: RefundOutcome) => reasonOf(error) ?? refunded?.amountMinor;

/** What the merchant has utilized, and what the pool has. */
async function standing(billing: Billing, merchantId: string) {
  const { utilizedMinor, limitMinor } = await getCredit(billing, merchantId, {});
  expect(limitMinor).toBe(100_00n);
  return [utilizedMinor, (await getPool(billing, {})).availableMinor];
}

test("FLOW-12 a payout that came back fills the pool and the credit, all but its fee", async () => {
  await using world = await testMerchant();
  const { billing, merchantId, db } = world;
  const holdId = await paid(billing, merchantId, "40.00", "1.50");
  const [asset, rights] = [billing.assets.byCode("IRR")!, billing.assets.byCode("IRR.credit")!];
  const names = {
    bank: bankCustodyAccount("mellat-2", asset),
    pool: poolAccount(asset),
    used: merchantCreditUsedAccount(merchantId, rights),
    credit: merchantCreditAccount(merchantId, rights),
  };
  const refund = returnOf(holdId, "40.00", { bank: "mellat-2", reference: "wrong account" });
  const changes = await changesOf(billing, names, async () => {
    const outcomes = await giveBack(billing, refund);
    const refunded = { ledger: asset.ledger, amountMinor: 40_00n };
    expect(outcomes).toEqual([{ refundId: refund.refundId, refunded }]);
  });
  expect(changes).toEqual({
    bank: "d +40.00",
    pool: "c +40.00",
    used: "d +40.00",
    credit: "c +40.00",
  });
  const path = `mwd-return/${refund.refundId}`;
  expect(await codesOf(billing, `${path}/1`, `${path}/2`)).toEqual([20, 20]);
  expect(await standing(billing, merchantId)).toEqual([1_50n, 998_50n]);
  expect(await unbalanced(billing)).toEqual([]);
  expect(await findFaults(db)).toEqual([]);
});

test("FLOW-12 IDEM-1 it comes back once, whoever asks how often, and after a restart", async () => {
  await using world = await testMerchant();
  const { billing, merchantId, db } = world;
  const holdId = await paid(billing, merchantId, "40.00", "1.00");
  const all = Array.from({ length: 20 }, () => returnOf(holdId, "40.00"));
  const calls = all.map(async (refund) => giveBack(billing, refund, refund));
  const answers = (await Promise.all(calls)).map((pair) => pair.map(shown));
  const at = answers.findIndex(([answer]) => answer === 40_00n);
  for (const [place, answer] of answers.entries()) {
    const wanted = place === at ? 40_00n : "REFUND_EXCEEDED";
    expect(answer).toEqual([wanted, wanted]);
  }
  const [made, other] = [all[at]!, returnOf(holdId, "40.00")];
  await using writer = await testWriter(db.url, { recentTransfers: 1 }); // has forgotten it
  const late = { ...billing, writer };
  const outcomes = await giveBack(late, other, made, { ...made, amount: "39.00" });
  expect(outcomes.map(shown)).toEqual(["REFUND_EXCEEDED", 40_00n, "REFUND_ID_REUSED"]);
  expect(await standing(late, merchantId)).toEqual([1_00n, 999_00n]);
  expect(await findFaults(db)).toEqual([]);
});

test("FLOW-12 the id of a return with another content is refused, and the return stays", async () => {
  await using world = await testMerchant();
  const { billing, merchantId } = world;
  const refund = returnOf(await paid(billing, merchantId, "40.00"), "40.00");
  await giveBack(billing, refund);
  const outcomes = await giveBack(
    billing,
    { ...refund, bank: "mellat-2" },
    { ...refund, amount: "41.00" },
    { ...refund, asset: "USDT", amount: "40" },
    { ...refund, holdId: await paid(billing, merchantId, "40.00") },
  );
  expect(new Set(outcomes.map(shown))).toEqual(new Set(["REFUND_ID_REUSED"]));
  expect(await standing(billing, merchantId)).toEqual([40_00n, 960_00n]);
});

test("each return of a batch stands or falls for itself", async () => {
  await using world = await testMerchant();
  const { billing, merchantId, db } = world;
  const holdId = await paid(billing, merchantId, "10.00");
  const freed = await held(billing, merchantId, "5.00");
  await releaseHolds(billing, { service, holds: [{ holdId: freed }] }, {});
  const outcomes = await giveBack(
    billing,
    returnOf(newId(), "1.00"),
    returnOf(await held(billing, merchantId, "5.00"), "5.00"),
    returnOf(freed, "5.00"),
    returnOf(holdId, "9.99"),
    returnOf(holdId, "10.01"),
    returnOf(holdId, "0.00"),
    returnOf(holdId, "10.001"),
    returnOf(holdId, "10.00", { asset: "USDT" }),
    returnOf(holdId, "10.00", { bank: "" }),
    returnOf(holdId, "10.00", { purpose: "SMS" }),
    returnOf(holdId, "10.00", { purpose: "MERCHANT_WITHDRAWAL" }),
  );
  expect(outcomes.map(shown)).toEqual([
    "HOLD_NOT_FOUND",
    "HOLD_NOT_CAPTURED",
    "HOLD_NOT_CAPTURED",
    "HOLD_AMOUNT_DIFFERS",
    "REFUND_EXCEEDED",
    "INVALID_AMOUNT",
    "INVALID_AMOUNT",
    "ASSET_NOT_ACCEPTED",
    "HOLD_FIELD_REQUIRED",
    "NOT_YOUR_PURPOSE",
    10_00n,
  ]);
  expect(await findFaults(db)).toEqual([]);
});

test("FLOW-12 a return that overtook its capture is refused, and made when it comes again", async () => {
  await using world = await testMerchant();
  const { billing, merchantId } = world;
  const holdId = await held(billing, merchantId, "40.00");
  const refund = returnOf(holdId, "40.00");
  expect((await giveBack(billing, refund)).map(shown)).toEqual(["HOLD_NOT_CAPTURED"]);
  await captureHolds(billing, { service, holds: [{ holdId, bank: "main" }] }, {});
  expect((await giveBack(billing, refund)).map(shown)).toEqual([40_00n]);
  expect(await standing(billing, merchantId)).toEqual([0n, 1000_00n]);
});

test("FLOW-12 FLOW-13 a return of what is repaid already waits until credit is utilized", async () => {
  await using world = await testMerchant();
  const { billing, merchantId, db } = world;
  const refund = returnOf(await paid(billing, merchantId, "40.00"), "40.00");
  await repay(billing, merchantId, "30.00");
  const [early] = await giveBack(billing, refund);
  expect(shown(early!)).toBe("REPAYMENT_EXCEEDED");
  expect(early?.error?.message).toContain("40.00 is more than the 10.00");
  await paid(billing, merchantId, "30.00");
  expect((await giveBack(billing, refund)).map(shown)).toEqual([40_00n]);
  expect(await standing(billing, merchantId)).toEqual([0n, 1000_00n]);
  await repay(billing, merchantId, "1.00").catch(() => "nothing is utilized");
  expect((await giveBack(billing, refund)).map(shown)).toEqual([40_00n]); // as the first time
  expect(await findFaults(db)).toEqual([]);
});

test.each(["capture", "creditPost"] as const)(
  "EXT-3 of a withdrawal whose %s was reverted nothing comes back, nor the other way round",
  async (leg) => {
    await using world = await testMerchant();
    const { billing, merchantId, db } = world;
    const [one, other] = [
      await paid(billing, merchantId, "30.00", "1.00"),
      await paid(billing, merchantId, "40.00", "1.00"),
    ];
    const revert = async (by: Billing, holdId: string) => {
      const originalId = merchantWithdrawal.ids(holdId, 0)[leg];
      return (await revertTransfer(by, { id: hexOf(newId()), originalId }, {})).status;
    };
    expect(await revert(billing, one)).toBe("created");
    expect((await giveBack(billing, returnOf(other, "40.00"))).map(shown)).toEqual([40_00n]);
    expect((await giveBack(billing, returnOf(one, "30.00"))).map(shown)).toEqual([
      "REFUND_EXCEEDED",
    ]);
    expect(await revert(billing, other)).toBe("original_not_revertible");
    await using writer = await testWriter(db.url, { recentTransfers: 1 });
    const late = { ...billing, writer };
    expect((await giveBack(late, returnOf(one, "30.00"))).map(shown)).toEqual(["REFUND_EXCEEDED"]);
    expect(await revert(late, other)).toBe("original_not_revertible");
    expect(await findFaults(db)).toEqual([]);
  },
);

test("WR-2 five hundred returns in one call are made, each whole", async () => {
  await using world = await testMerchant();
  const { billing, merchantId, db } = world;
  const holds = Array.from({ length: 500 }, () => ({
    holdId: newId(),
    ownerId: merchantId,
    ...irr("0.10"),
    reference: "",
  }));
  await createHolds(billing, { service, holds }, {});
  await captureHolds(billing, { service, holds: holds.map(({ holdId }) => ({ holdId })) }, {});
  const refunds = holds.map(({ holdId }) => returnOf(holdId, "0.10"));
  const outcomes = await giveBack(billing, ...refunds);
  expect(new Set(outcomes.map(shown))).toEqual(new Set([10n]));
  expect(await standing(billing, merchantId)).toEqual([0n, 1000_00n]);
  expect(await findFaults(db)).toEqual([]);
});
