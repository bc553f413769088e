import { strict as assert } from "node:assert";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId, uuidOf, ZERO_ID } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { NewAccount } from "./domain/account.ts";
import type { Asset } from "./domain/asset.ts";
import * as chart from "./domain/chart.ts";
import { TransferCodes } from "./domain/chart.ts";
import { type Trade, tradeChain } from "./domain/flows/trade.ts";
import { TransferFlags } from "./domain/transfer.ts";
import { captureHolds } from "./operations/capture-holds.ts";
import { createAccounts } from "./operations/create-accounts.ts";
import { createHolds } from "./operations/create-holds.ts";
import type { EndedHold } from "./operations/end-holds.ts";
import { getCredit } from "./operations/get-credit.ts";
import { getPool } from "./operations/get-pool.ts";
import type { HoldOutcome } from "./operations/hold-outcome.ts";
import { listBalances } from "./operations/list-balances.ts";
import type { Hold } from "./operations/read-hold.ts";
import { refundHolds } from "./operations/refund-holds.ts";
import { releaseHolds } from "./operations/release-holds.ts";
import { charge, newOwner, testBilling } from "./testing/test-billing.ts";
import { callBy, fillPool, grant, repay } from "./testing/test-credit.ts";
import { accountsOf, book, changesOf, codesOf, make, unbalanced } from "./testing/test-flows.ts";
import { findFaults, testWriter } from "./testing/test-ledger.ts";

// Every money flow of the product, by what it changes in the counters of which accounts.

const world = await testBilling();
const { billing, db } = world;
afterAll(async () => {
  assert.deepEqual(await findFaults(db), []);
  await world[Symbol.asyncDispose]();
});
afterEach(async () => assert.deepEqual(await unbalanced(billing), []));

const assetOf = (code: string): Asset => billing.assets.byCode(code)!;
const [irr, usdt, btc, eth] = [assetOf("IRR"), assetOf("USDT"), assetOf("BTC"), assetOf("ETH")];
const lines = assetOf("IRR.credit");
const bankOut = chart.bankOutAccount(irr);
const bank = chart.bankCustodyAccount("main", irr);
const bankIn = chart.bankInAccount("main", irr);
const pool = chart.poolAccount(irr);
const money = (amount: string, asset = "IRR") => ({ asset, amount });

const merchantAccounts = (merchantId: string) => ({
  credit: chart.merchantCreditAccount(merchantId, lines),
  used: chart.merchantCreditUsedAccount(merchantId, lines),
  pool,
  bankOut,
  bank,
  fees: chart.payoutFeesAccount(irr),
});

const ownerAccounts = (ownerId: string, asset: Asset) => ({
  available: chart.availableAccount(ownerId, asset),
  inOrders: chart.inOrdersAccount(ownerId, asset),
});

/** A hold of a purpose; all that is not named is left out. */
function holdOf(ownerId: string, amount: string, rest: Partial<Hold> = {}): Hold {
  return { holdId: newId(), ownerId, asset: "IRR", amount, reference: "", ...rest };
}

const hold = async (service: string, ...holds: Hold[]) =>
  createHolds(billing, { service, holds }, {});
const capture = async (service: string, ...holds: EndedHold[]) =>
  captureHolds(billing, { service, holds }, {});
const release = async (service: string, ...holds: EndedHold[]) =>
  releaseHolds(billing, { service, holds }, {});

const shown = ({ state, error }: HoldOutcome) => [state, reasonOf(error)];

/** Does something that has to succeed for each of its holds. */
async function done(outcomes: Promise<HoldOutcome[]>): Promise<void> {
  expect((await outcomes).map(({ error }) => reasonOf(error))).toEqual([undefined]);
}

/** What a call changes; it is made twice, and the second time must not change anything. */
async function changes(
  names: Readonly<Record<string, NewAccount>>,
  call: () => Promise<HoldOutcome[]>,
): Promise<Record<string, string>> {
  const first = await changesOf(billing, names, async () => done(call()));
  expect(await changesOf(billing, names, async () => done(call()))).toEqual({});
  return first;
}

/** What a chain of a service changes; it is booked twice as well. */
async function booked(
  names: Readonly<Record<string, NewAccount>>,
  call: () => Promise<string[]>,
): Promise<Record<string, string>> {
  const only = (status: string) => async () => {
    expect(new Set(await call())).toEqual(new Set([status]));
  };
  const first = await changesOf(billing, names, only("created"));
  expect(await changesOf(billing, names, only("exists"))).toEqual({});
  return first;
}

/** What an owner sees: available and held, in major units. */
async function seen(ownerId: string, code: string): Promise<string[]> {
  const balances = await listBalances(billing, ownerId, {});
  const { availableMinor, heldMinor } = balances.find(
    ({ ledger }) => ledger === assetOf(code).ledger,
  )!;
  return [availableMinor, heldMinor].map((minor) => fromMinor(minor, assetOf(code).scale));
}

/** A merchant with credit, and a pool that can pay. */
async function newMerchant(limit = "1000.00"): Promise<string> {
  const { merchantId } = await grant(billing, limit);
  await fillPool(billing, "100000.00");
  return merchantId;
}

/** An owner with money of some assets. */
async function ownerWith(amounts: Readonly<Record<string, string>>): Promise<string> {
  const ownerId = await newOwner(billing);
  for (const [asset, amount] of Object.entries(amounts)) {
    await charge(billing, { userId: ownerId, asset, amount });
  }
  return ownerId;
}

describe("charges and messages", () => {
  test("FLOW-1 a charge comes from the world", async () => {
    const userId = await newOwner(billing);
    const names = {
      world: chart.worldAccount(irr),
      available: chart.availableAccount(userId, irr),
    };
    const act = async () => charge(billing, { userId, amount: "12.50" });
    expect(await changesOf(billing, names, act)).toEqual({
      world: "d +12.50",
      available: "c +12.50",
    });
  });

  const messageAccounts = (ownerId: string) => ({
    available: chart.availableAccount(ownerId, irr),
    revenue: chart.smsRevenueAccount(irr),
  });

  test("FLOW-2 the price of a message is reserved", async () => {
    const ownerId = await newOwner(billing, "100.00");
    const one = holdOf(ownerId, "30.00", { purpose: "SMS" });
    expect(await changes(messageAccounts(ownerId), async () => hold("sms", one))).toEqual({
      available: "dp +30.00",
      revenue: "cp +30.00",
    });
    expect(await codesOf(billing, `sms/${one.holdId}/reserve`)).toEqual([TransferCodes.SMS]);
  });

  test("FLOW-3 what was accepted is captured, and the rest is free again", async () => {
    const ownerId = await newOwner(billing, "100.00");
    const one = holdOf(ownerId, "30.00", { purpose: "SMS" });
    await done(hold("sms", one));
    const taken = { holdId: one.holdId, amount: money("20.00") };
    expect(await changes(messageAccounts(ownerId), async () => capture("sms", taken))).toEqual({
      available: "dp -30.00 d +20.00",
      revenue: "cp -30.00 c +20.00",
    });
    expect(await codesOf(billing, `sms/${one.holdId}/capture`)).toEqual([TransferCodes.SMS]);
  });

  test("FLOW-4 a message that no provider takes costs nothing", async () => {
    const ownerId = await newOwner(billing, "100.00");
    const one = holdOf(ownerId, "30.00", { purpose: "SMS" });
    await done(hold("sms", one));
    const freed = { holdId: one.holdId };
    expect(await changes(messageAccounts(ownerId), async () => release("sms", freed))).toEqual({
      available: "dp -30.00",
      revenue: "cp -30.00",
    });
    expect(await codesOf(billing, `sms/${one.holdId}/release`)).toEqual([TransferCodes.SMS]);
  });

  test("FLOW-5 a message that fails after its capture is refunded, once", async () => {
    const ownerId = await newOwner(billing, "100.00");
    const { holdId } = holdOf(ownerId, "30.00");
    await done(hold("sms", holdOf(ownerId, "30.00", { holdId })));
    await done(capture("sms", { holdId }));
    const refund = { refundId: newId(), holdId, asset: "IRR", amount: "30.00", reference: "" };
    const call = async () => refundHolds(billing, { service: "sms", refunds: [refund] }, {});
    const names = messageAccounts(ownerId);
    expect(await changesOf(billing, names, call)).toEqual({
      available: "c +30.00",
      revenue: "d +30.00",
    });
    expect(await changesOf(billing, names, call)).toEqual({});
    const path = `sms/${refund.refundId}/refund`;
    expect(await codesOf(billing, path)).toEqual([TransferCodes.SMS_REFUND]);
  });
});

describe("merchants", () => {
  test("FLOW-6 FLOW-7 a limit is raised and lowered by the difference", async () => {
    const merchantId = newId();
    const { credit } = merchantAccounts(merchantId);
    const names = { credit, issuer: chart.creditIssuerAccount(lines) };
    const raise = async () => grant(billing, "1000.00", { merchantId });
    const lower = async () => grant(billing, "400.00", { merchantId });
    expect(await changesOf(billing, names, raise)).toEqual({
      credit: "c +1000.00",
      issuer: "d +1000.00",
    });
    expect(await changesOf(billing, names, lower)).toEqual({
      credit: "d +600.00",
      issuer: "c +600.00",
    });
  });

  test("FLOW-8 the pool is filled from the bank, or with what a statement has shown", async () => {
    const fill = async () => fillPool(billing, "100.00");
    expect(await changesOf(billing, { pool, bank }, fill)).toEqual({
      pool: "c +100.00",
      bank: "d +100.00",
    });
    const path = `pool-topup/${newId()}/1`;
    const link = { path, from: bankIn, to: pool, amount: "5.00", code: TransferCodes.BANK_IN };
    expect(await booked({ pool, bankIn }, async () => book(billing, "core", link))).toEqual({
      pool: "c +5.00",
      bankIn: "d +5.00",
    });
  });

  const withdrawal = (merchantId: string, rest: Partial<Hold> = {}) =>
    holdOf(merchantId, "10.00", { purpose: "MERCHANT_WITHDRAWAL", ...rest });

  test("FLOW-9 a withdrawal holds credit and the money of the pool, and the fee with both", async () => {
    const merchantId = await newMerchant();
    const names = merchantAccounts(merchantId);
    const plain = withdrawal(merchantId);
    expect(await changes(names, async () => hold("core", plain))).toEqual({
      credit: "dp +10.00",
      used: "cp +10.00",
      pool: "dp +10.00",
      bankOut: "cp +10.00",
    });
    const costly = withdrawal(merchantId, { fee: money("0.50") });
    expect(await changes(names, async () => hold("core", costly))).toEqual({
      credit: "dp +10.50",
      used: "cp +10.50",
      pool: "dp +10.50",
      bankOut: "cp +10.00",
      fees: "cp +0.50",
    });
    const legs = ["credit", "pool", "fee"].map((leg) => `mwd/${costly.holdId}/${leg}`);
    const { MERCHANT_WITHDRAWAL, PAYOUT_FEE } = TransferCodes;
    expect(await codesOf(billing, ...legs)).toEqual([
      MERCHANT_WITHDRAWAL,
      MERCHANT_WITHDRAWAL,
      PAYOUT_FEE,
    ]);
  });

  test("FLOW-10 a payout that succeeded is posted, with the bank where no statement tells", async () => {
    const merchantId = await newMerchant();
    const names = merchantAccounts(merchantId);
    const { holdId } = withdrawal(merchantId);
    await done(hold("core", withdrawal(merchantId, { holdId, fee: money("0.50") })));
    const paid = { holdId, bank: "main" };
    expect(await changes(names, async () => capture("core", paid))).toEqual({
      credit: "dp -10.50 d +10.50",
      used: "cp -10.50 c +10.50",
      pool: "dp -10.50 d +10.50",
      bankOut: "d +10.00 cp -10.00 c +10.00",
      fees: "cp -0.50 c +0.50",
      bank: "c +10.00",
    });
    const legs = ["credit-post", "pool-post", "fee-post", "custody"];
    const { MERCHANT_WITHDRAWAL, PAYOUT_FEE, PAYOUT_STATEMENT } = TransferCodes;
    expect(await codesOf(billing, ...legs.map((leg) => `mwd/${holdId}/${leg}`))).toEqual([
      MERCHANT_WITHDRAWAL,
      MERCHANT_WITHDRAWAL,
      PAYOUT_FEE,
      PAYOUT_STATEMENT,
    ]);
    const other = await capture("core", { holdId, bank: "other" });
    expect(other.map(shown)).toEqual([["captured", "HOLD_ALREADY_CAPTURED"]]);
  });

  test("FLOW-10 the line of a statement is booked once, whoever books it and whenever", async () => {
    const merchantId = await newMerchant();
    const statementOf = (holdId: string) => ({
      path: `mwd/${holdId}/custody`,
      from: bankOut,
      to: bank,
      amount: "10.00",
      code: TransferCodes.PAYOUT_STATEMENT,
    });
    const [late, early] = [withdrawal(merchantId), withdrawal(merchantId)];
    await done(hold("core", late));
    await done(capture("core", { holdId: late.holdId }));
    const line = async () => book(billing, "settlement", statementOf(late.holdId));
    expect(await booked({ bankOut, bank }, line)).toEqual({
      bankOut: "d +10.00",
      bank: "c +10.00",
    });
    await done(hold("core", early));
    await book(billing, "settlement", statementOf(early.holdId));
    const paid = { holdId: early.holdId, bank: "main" };
    const names = merchantAccounts(merchantId);
    expect(await changes(names, async () => capture("core", paid))).toEqual({
      credit: "dp -10.00 d +10.00",
      used: "cp -10.00 c +10.00",
      pool: "dp -10.00 d +10.00",
      bankOut: "cp -10.00 c +10.00",
    });
  });

  test("FLOW-11 a payout that failed frees all of it", async () => {
    const merchantId = await newMerchant();
    const { holdId } = withdrawal(merchantId);
    await done(hold("core", withdrawal(merchantId, { holdId, fee: money("0.50") })));
    const names = merchantAccounts(merchantId);
    expect(await changes(names, async () => release("core", { holdId }))).toEqual({
      credit: "dp -10.50",
      used: "cp -10.50",
      pool: "dp -10.50",
      bankOut: "cp -10.00",
      fees: "cp -0.50",
    });
    const legs = ["credit-void", "pool-void", "fee-void"].map((leg) => `mwd/${holdId}/${leg}`);
    expect(await codesOf(billing, ...legs)).not.toContain(undefined);
  });

  test("FLOW-8 FLOW-6 FLOW-9 FLOW-10 FLOW-12 the worked check of a merchant, in IRR", async () => {
    await using own = await testBilling();
    const see = async () => {
      const credit = await getCredit(own.billing, merchantId, {});
      const stands = await accountsOf(own.billing);
      const balance = ({ id }: NewAccount) => {
        const { creditsPosted, debitsPosted } = stands.find((one) => one.id === id)!;
        return creditsPosted - debitsPosted;
      };
      return {
        available: fromMinor(credit.availableMinor, 2),
        inFlight: fromMinor(credit.heldMinor, 2),
        used: fromMinor(credit.utilizedMinor, 2),
        pool: fromMinor((await getPool(own.billing, {})).availableMinor, 2),
        bankOut: fromMinor(balance(bankOut), 2),
        custody: fromMinor(-balance(bank), 2),
      };
    };
    await fillPool(own.billing, "100000.00");
    const { merchantId } = await grant(own.billing, "1000.00");
    const one = holdOf(merchantId, "1.00");
    const ended = { service: "core", holds: [{ holdId: one.holdId }] };
    await done(createHolds(own.billing, { service: "core", holds: [one] }, {}));
    const start = { used: "0.00", bankOut: "0.00", custody: "100000.00" };
    expect(await see()).toEqual({
      ...start,
      available: "999.00",
      inFlight: "1.00",
      pool: "99999.00",
    });
    await done(captureHolds(own.billing, ended, {}));
    const paid = { available: "999.00", inFlight: "0.00", used: "1.00", pool: "99999.00" };
    expect(await see()).toEqual({ ...paid, bankOut: "1.00", custody: "100000.00" });
    const { PAYOUT_STATEMENT } = TransferCodes;
    const path = `mwd/${one.holdId}/custody`;
    const line = { path, from: bankOut, to: bank, amount: "1.00", code: PAYOUT_STATEMENT };
    await book(own.billing, "settlement", line);
    expect(await see()).toEqual({ ...paid, bankOut: "0.00", custody: "99999.00" });
    const back = { refundId: newId(), holdId: one.holdId, bank: "main", reference: "" };
    const refunds = [{ ...back, ...money("1.00") }];
    await refundHolds(own.billing, { service: "core", refunds }, {});
    expect(await see()).toEqual({
      ...start,
      available: "1000.00",
      inFlight: "0.00",
      pool: "100000.00",
    });
    expect(await unbalanced(own.billing)).toEqual([]);
  });

  test("FLOW-12 FLOW-13 a payout that comes back and a repayment fill pool and credit", async () => {
    const merchantId = await newMerchant();
    const one = withdrawal(merchantId);
    await done(hold("core", one));
    await done(capture("core", { holdId: one.holdId, bank: "main" }));
    const { credit, used } = merchantAccounts(merchantId);
    const back = { bank: "d +10.00", pool: "c +10.00", used: "d +10.00", credit: "c +10.00" };
    const refund = { refundId: newId(), holdId: one.holdId, ...money("10.00"), bank: "main" };
    const refunds = [{ ...refund, reference: "" }];
    const call = async () => refundHolds(billing, { service: "core", refunds }, {});
    const names = { credit, used, pool, bank };
    expect(await changesOf(billing, names, call)).toEqual(back);
    expect(await changesOf(billing, names, call)).toEqual({});
    const next = withdrawal(merchantId);
    await done(hold("core", next));
    await done(capture("core", { holdId: next.holdId, bank: "main" }));
    const key = callBy("service:core");
    const repaid = async () => repay(billing, merchantId, "10.00", { call: { ...key } });
    expect(await changesOf(billing, names, repaid)).toEqual(back);
    expect(await changesOf(billing, names, repaid)).toEqual({});
  });

  test("FLOW-14 FLOW-31 the bank charges us, and shows money that nobody knows", async () => {
    const costs = chart.payoutFeesPaidAccount(irr);
    const { BANK_FEE, BANK_IN } = TransferCodes;
    const fee = { path: `bankfee/${newId()}/1`, from: costs, to: bank, amount: "0.90" };
    const call = async () => book(billing, "settlement", { ...fee, code: BANK_FEE });
    expect(await booked({ costs, bank }, call)).toEqual({ costs: "d +0.90", bank: "c +0.90" });
    const line = { path: `bankin/${newId()}/1`, from: bank, to: bankIn, amount: "70.00" };
    const shows = async () => book(billing, "settlement", { ...line, code: BANK_IN });
    expect(await booked({ bankIn, bank }, shows)).toEqual({ bank: "d +70.00", bankIn: "c +70.00" });
  });

  test("FLOW-26 a user withdraws money as a merchant does, without a credit", async () => {
    const ownerId = await newOwner(billing, "50.00");
    const { available } = ownerAccounts(ownerId, irr);
    const fees = chart.payoutFeesAccount(irr);
    const id = newId();
    const flags = TransferFlags.PENDING;
    const code = TransferCodes.MERCHANT_WITHDRAWAL;
    const withdraw = async () =>
      book(
        billing,
        "core",
        { path: `fwd/${id}/amount`, from: available, to: bankOut, amount: "20.00", code, flags },
        { path: `fwd/${id}/fee`, from: available, to: fees, amount: "0.50", code: 7, flags },
      );
    expect(await booked({ available, bankOut, fees }, withdraw)).toEqual({
      available: "dp +20.50",
      bankOut: "cp +20.00",
      fees: "cp +0.50",
    });
  });
});

describe("orders and trades", () => {
  const orderOf = (ownerId: string, amount: string, rest: Partial<Hold> = {}) =>
    holdOf(ownerId, amount, { purpose: "ORDER", asset: "USDT", ...rest });

  test("FLOW-15 HOLD-4 the money of an order is moved, and an amendment moves more", async () => {
    const ownerId = await ownerWith({ USDT: "100.000000" });
    const names = ownerAccounts(ownerId, usdt);
    const one = orderOf(ownerId, "30.000000");
    expect(await changes(names, async () => hold("matching", one))).toEqual({
      available: "d +30.000000",
      inOrders: "c +30.000000",
    });
    const more = { ...one, amount: "5.000000", step: 1 };
    expect(await changes(names, async () => hold("matching", more))).toEqual({
      available: "d +5.000000",
      inOrders: "c +5.000000",
    });
    const legs = [`order/${one.holdId}/hold`, `order/${one.holdId}/hold-1`];
    expect(await codesOf(billing, ...legs)).toEqual([TransferCodes.ORDER, TransferCodes.ORDER]);
    expect(await seen(ownerId, "USDT")).toEqual(["65.000000", "35.000000"]);
  });

  test("FLOW-15 the orders of the desk use the working funds of the house", async () => {
    const names = {
      available: chart.deskAvailableAccount(usdt),
      inOrders: chart.deskInOrdersAccount(usdt),
    };
    const one = orderOf(uuidOf(ZERO_ID), "30.000000");
    expect(await changes(names, async () => hold("matching", one))).toEqual({
      available: "d +30.000000",
      inOrders: "c +30.000000",
    });
    const back = { ...one, amount: money("30.000000", "USDT"), step: 1 };
    expect(await changes(names, async () => release("matching", back))).toEqual({
      available: "c +30.000000",
      inOrders: "d +30.000000",
    });
  });

  test("FLOW-16 a trade without fees, and one that frees nothing, leave those links out", async () => {
    const [buyerId, sellerId] = [
      await ownerWith({ USDT: "100.000000" }),
      await ownerWith({ BTC: "1.00000000" }),
    ];
    await done(hold("matching", orderOf(buyerId, "60.000000")));
    await done(hold("matching", orderOf(sellerId, "0.00100000", { asset: "BTC" })));
    const [buyer, buyerCoins] = [ownerAccounts(buyerId, usdt), ownerAccounts(buyerId, btc)];
    const [seller, sellerCoins] = [ownerAccounts(sellerId, usdt), ownerAccounts(sellerId, btc)];
    await openAll(buyerCoins.available, seller.available);
    const names = {
      money: buyer.inOrders,
      coins: buyerCoins.available,
      earned: seller.available,
      sold: sellerCoins.inOrders,
    };
    const { events } = tradeChain({
      ...tradeOf(buyerId, sellerId),
      baseMinor: 100_000n,
      quoteMinor: 60_000_000n,
    });
    expect(events).toHaveLength(2);
    expect(await booked(names, async () => make(billing, events))).toEqual({
      money: "d +60.000000",
      earned: "c +60.000000",
      sold: "d +0.00100000",
      coins: "c +0.00100000",
    });
  });

  test("FLOW-17 the end of an order frees what is left, in as many steps as it takes", async () => {
    const ownerId = await ownerWith({ USDT: "100.000000" });
    const one = orderOf(ownerId, "30.000000");
    await done(hold("matching", one));
    const names = ownerAccounts(ownerId, usdt);
    const part = { ...one, amount: money("10.000000", "USDT"), step: 1 };
    expect(await changes(names, async () => release("matching", part))).toEqual({
      inOrders: "d +10.000000",
      available: "c +10.000000",
    });
    const rest = { ...one, amount: money("20.000000", "USDT"), step: 2 };
    await done(release("matching", rest));
    expect(await seen(ownerId, "USDT")).toEqual(["100.000000", "0.000000"]);
    const outcomes = [
      ...(await release("matching", { ...part, amount: money("9.000000", "USDT") })),
      ...(await release("matching", { ...rest, step: 3 })),
      ...(await hold("matching", one)),
    ];
    expect(outcomes.map(shown)).toEqual([
      ["released", "HOLD_AMOUNT_DIFFERS"],
      ["held", "HOLD_EXCEEDED"],
      ["released", undefined],
    ]);
    const legs = ["release-1", "release-2", "release-3"].map((leg) => `order/${one.holdId}/${leg}`);
    expect(await codesOf(billing, ...legs)).toEqual([8, 8, undefined]);
  });

  test("FLOW-15 FLOW-17 an order is told what its calls need, and what they don't", async () => {
    const ownerId = await ownerWith({ USDT: "100.000000" });
    const one = orderOf(ownerId, "30.000000");
    const base = { holdId: one.holdId, purpose: "ORDER" } as const;
    const before = await hold("matching", { ...one, step: 1 });
    await done(hold("matching", one));
    const amount = money("30.000000", "USDT");
    const outcomes = [
      ...before,
      ...(await hold("matching", orderOf(ownerId, "70.000001"))),
      ...(await hold("matching", orderOf(newId(), "1.000000"))),
      ...(await release("matching", { ...base, amount })),
      ...(await release("matching", { ...base, step: 1 })),
      ...(await release("matching", { ...base, step: 1, amount: money("1.00") })),
      ...(await release("matching", { ...base, step: 1, amount: money("0", "USDT") })),
      ...(await capture("matching", base)),
      ...(await release("matching", { holdId: one.holdId, step: 1, amount })),
    ];
    expect(outcomes.map(shown)).toEqual([
      ["unknown", "HOLD_NOT_FOUND"],
      ["unknown", "INSUFFICIENT_FUNDS"],
      ["unknown", "OWNER_NOT_FOUND"],
      ["held", "HOLD_FIELD_REQUIRED"],
      ["held", "HOLD_FIELD_REQUIRED"],
      ["held", "ASSET_NOT_ACCEPTED"],
      ["held", "INVALID_AMOUNT"],
      ["held", "HOLD_NOT_CAPTURABLE"],
      ["unknown", "PURPOSE_REQUIRED"],
    ]);
    expect(await seen(ownerId, "USDT")).toEqual(["70.000000", "30.000000"]);
  });

  test("FLOW-17 an order that is released before it comes is refused for ever", async () => {
    const ownerId = await ownerWith({ USDT: "100.000000" });
    const one = orderOf(ownerId, "30.000000");
    const back = { ...one, amount: money("30.000000", "USDT"), step: 1 };
    expect((await release("matching", back)).map(shown)).toEqual([["unknown", "HOLD_NOT_FOUND"]]);
    const late = [["unknown", "HOLD_ALREADY_RELEASED"]];
    expect((await hold("matching", one)).map(shown)).toEqual(late);
    expect((await hold("matching", one)).map(shown)).toEqual(late);
    expect(await seen(ownerId, "USDT")).toEqual(["100.000000", "0.000000"]);
  });

  test("L18 a buy order fills in part at a better price, and its rest is cancelled", async () => {
    const u1 = await ownerWith({ USDT: "40000.000000" });
    const u2 = await ownerWith({ BTC: "1.00000000" });
    await openAll(ownerAccounts(u1, btc).available, ownerAccounts(u2, usdt).available);
    const fees = chart.tradingFeesAccount(usdt);
    const buy = orderOf(u1, "30030.000000");
    await done(hold("matching", buy));
    await done(hold("matching", orderOf(u2, "0.20000000", { asset: "BTC" })));
    const { events } = tradeChain({
      ...tradeOf(u1, u2),
      baseMinor: 20_000_000n, // 0.2
      quoteMinor: 11_980_000000n, // at 59900.00
      buyerFeeMinor: 11_980000n, // 1000 ppm
      sellerFeeMinor: 5_990000n, // 500 ppm
      freedMinor: 20_020000n,
    });
    const links = await changesOf(billing, { fees }, async () => make(billing, events));
    expect(links["fees"]).toBe("c +17.970000");
    expect(events.map(({ amount }) => amount)).toEqual([
      11_980_000000n,
      20_000_000n,
      11_980000n,
      5_990000n,
      20_020000n,
    ]);
    expect(await seen(u1, "USDT")).toEqual(["9990.020000", "18018.000000"]);
    expect(await seen(u1, "BTC")).toEqual(["0.20000000", "0.00000000"]);
    expect(await seen(u2, "USDT")).toEqual(["11974.010000", "0.000000"]);
    expect(await seen(u2, "BTC")).toEqual(["0.80000000", "0.00000000"]);
    const sum = (asset: string) => async () => {
      const minor = [...(await balancesOf(u1, asset)), ...(await balancesOf(u2, asset))];
      return minor.reduce((total, one) => total + one, 0n);
    };
    expect((await sum("USDT")()) + 17_970000n).toBe(40_000_000000n);
    expect(await sum("BTC")()).toBe(100_000_000n);
    expect(await make(billing, events)).toEqual(events.map(() => "exists"));
    const cancel = { ...buy, amount: money("18018.000000", "USDT"), step: 1 };
    await done(release("matching", cancel));
    expect(await seen(u1, "USDT")).toEqual(["28008.020000", "0.000000"]);
  });

  test("HOLD-5 IDEM-4 a trade that is refused stays refused, and its next attempt succeeds", async () => {
    const [buyerId, sellerId] = [
      await ownerWith({ USDT: "100.000000" }),
      await ownerWith({ BTC: "1.00000000" }),
    ];
    await openAll(
      ownerAccounts(buyerId, btc).available,
      ownerAccounts(sellerId, usdt).available,
      ownerAccounts(sellerId, btc).inOrders,
    );
    await done(hold("matching", orderOf(buyerId, "60.000000")));
    const trade = {
      ...tradeOf(buyerId, sellerId),
      baseMinor: 100_000n,
      quoteMinor: 60_000_000n,
    };
    const refused = async (last: string) => {
      const attempt = async () => {
        expect(await make(billing, tradeChain(trade).events)).toEqual([
          "linked_event_failed",
          last,
        ]);
      };
      expect(await changesOf(billing, {}, attempt)).toEqual({});
    };
    await refused("exceeds_credits");
    await done(hold("matching", orderOf(sellerId, "0.00100000", { asset: "BTC" })));
    await refused("id_already_failed");
    expect(await make(billing, tradeChain(trade, 1).events)).toEqual(["created", "created"]);
    const [path] = [`trade/${trade.market}/${trade.tradeId}/1`];
    expect(await codesOf(billing, path, `${path}/r1`)).toEqual([undefined, TransferCodes.TRADE]);
  });

  let trades = 0;
  const tradeOf = (buyerId: string, sellerId: string): Trade => ({
    market: "BTC_USDT",
    tradeId: String(++trades),
    buyerId,
    sellerId,
    base: btc,
    quote: usdt,
    baseMinor: 0n,
    quoteMinor: 0n,
    buyerFeeMinor: 0n,
    sellerFeeMinor: 0n,
    freedMinor: 0n,
  });

  async function balancesOf(ownerId: string, asset: string): Promise<bigint[]> {
    const balances = await listBalances(billing, ownerId, {});
    const own = balances.filter(({ ledger }) => ledger === assetOf(asset).ledger);
    return own.map(({ availableMinor, heldMinor }) => availableMinor + heldMinor);
  }
});

/** Opens accounts of known owners, as billing does before it books a trade. */
async function openAll(...accounts: readonly NewAccount[]): Promise<void> {
  await billing.writer.submit({
    eventCount: accounts.length,
    decide: ({ ledger, atUs }) => ledger.createAccounts(accounts, atUs),
  });
}

describe("chains", () => {
  const wallets = {
    deposit: chart.chainCustodyAccount("ethereum", "deposit", eth),
    hot: chart.chainCustodyAccount("ethereum", "hot", eth),
    chainIn: chart.chainInAccount("ethereum", eth),
    costs: chart.networkFeesPaidAccount(eth),
    capital: chart.operatorAccount(eth),
    loss: chart.reorgLossAccount(eth),
  };
  const opening = async (service: string, ...accounts: readonly NewAccount[]) => {
    const requests = accounts.map((account) => {
      const { id, code, flags, userData } = account;
      return { id, code, flags, userData, asset: billing.assets.ofLedger(account.ledger).code };
    });
    const results = await createAccounts(billing, requests, { service });
    return results.map(({ status }) => status);
  };
  const byChain = (one: Omit<Parameters<typeof book>[2], "path">, kind: string) => {
    const path = `${kind}/ethereum/${newId()}`;
    return async () => book(billing, "settlement", { ...one, path });
  };
  const { DEPOSIT, GAS, SWEEP, FUNDING, REORG } = TransferCodes;

  test("FLOW-18 a deposit that is final is the owner's, or nobody's yet", async () => {
    const { deposit, chainIn } = wallets;
    const ownerId = await newOwner(billing);
    const { available } = ownerAccounts(ownerId, eth);
    const opened = await opening("settlement", available, deposit, chainIn);
    expect(new Set(opened)).not.toContain("exists_with_different_code");
    const credit = { from: deposit, to: available, amount: "1.5", code: DEPOSIT };
    const names = { deposit, available, chainIn };
    expect(await booked(names, byChain(credit, "deposit"))).toEqual({
      deposit: "d +1.500000000000000000",
      available: "c +1.500000000000000000",
    });
    const dust = { from: deposit, to: chainIn, amount: "0.000000000000000001", code: DEPOSIT };
    expect(await booked(names, byChain(dust, "deposit"))).toEqual({
      deposit: "d +0.000000000000000001",
      chainIn: "c +0.000000000000000001",
    });
  });

  const withdrawal = (ownerId: string, rest: Partial<Hold> = {}) =>
    holdOf(ownerId, "1", {
      purpose: "CHAIN_WITHDRAWAL",
      asset: "BTC",
      chain: "bitcoin",
      wallet: "hot",
      ...rest,
    });
  const withdrawalAccounts = (ownerId: string) => ({
    available: chart.availableAccount(ownerId, btc),
    inFlight: chart.chainOutAccount("bitcoin", btc),
    fees: chart.withdrawalFeesAccount(btc),
    hot: chart.chainCustodyAccount("bitcoin", "hot", btc),
  });

  test("FLOW-19 a withdrawal holds the amount and the fee", async () => {
    const ownerId = await ownerWith({ BTC: "3.00000000" });
    const names = withdrawalAccounts(ownerId);
    const plain = withdrawal(ownerId);
    expect(await changes(names, async () => hold("settlement", plain))).toEqual({
      available: "dp +1.00000000",
      inFlight: "cp +1.00000000",
    });
    const costly = withdrawal(ownerId, { fee: money("0.00010000", "BTC") });
    expect(await changes(names, async () => hold("settlement", costly))).toEqual({
      available: "dp +1.00010000",
      inFlight: "cp +1.00000000",
      fees: "cp +0.00010000",
    });
    const legs = ["amount", "fee", "wallet"].map((leg) => `cwd/${costly.holdId}/${leg}`);
    const { CHAIN_WITHDRAWAL, WITHDRAWAL_FEE } = TransferCodes;
    expect(await codesOf(billing, ...legs)).toEqual([
      CHAIN_WITHDRAWAL,
      WITHDRAWAL_FEE,
      CHAIN_WITHDRAWAL,
    ]);
    const outcomes = [
      ...(await hold("settlement", { ...costly, wallet: "cold" })),
      ...(await hold("settlement", { ...plain, fee: money("0.00010000", "BTC") })),
      ...(await hold("settlement", withdrawal(ownerId, { amount: "1.00000001" }))),
      ...(await hold("settlement", withdrawal(ownerId, { chain: "" }))),
      ...(await hold("settlement", withdrawal(ownerId, { fee: money("1.00") }))),
    ];
    expect(outcomes.map(shown)).toEqual([
      ["unknown", "HOLD_ID_REUSED"],
      ["unknown", "HOLD_ID_REUSED"],
      ["unknown", "INSUFFICIENT_FUNDS"],
      ["unknown", "HOLD_FIELD_REQUIRED"],
      ["unknown", "ASSET_NOT_ACCEPTED"],
    ]);
  });

  test("FLOW-20 a withdrawal that is confirmed has left the wallet that its hold named", async () => {
    const ownerId = await ownerWith({ BTC: "3.00000000" });
    const { holdId } = withdrawal(ownerId);
    await done(
      hold("settlement", withdrawal(ownerId, { holdId, fee: money("0.00010000", "BTC") })),
    );
    const names = withdrawalAccounts(ownerId);
    expect(await changes(names, async () => capture("settlement", { holdId }))).toEqual({
      available: "dp -1.00010000 d +1.00010000",
      inFlight: "d +1.00000000 cp -1.00000000 c +1.00000000",
      fees: "cp -0.00010000 c +0.00010000",
      hot: "c +1.00000000",
    });
    const legs = ["amount-post", "fee-post", "custody"].map((leg) => `cwd/${holdId}/${leg}`);
    expect(await codesOf(billing, ...legs)).not.toContain(undefined);
    const outcomes = [
      ...(await release("settlement", { holdId })),
      ...(await capture("settlement", { holdId, amount: money("0.5", "BTC") })),
      ...(await capture("settlement", { holdId, amount: money("1", "BTC") })),
      ...(await capture("settlement", { holdId: newId() })),
    ];
    expect(outcomes.map(shown)).toEqual([
      ["captured", "HOLD_ALREADY_CAPTURED"],
      ["captured", "HOLD_AMOUNT_DIFFERS"],
      ["captured", undefined],
      ["unknown", "HOLD_NOT_FOUND"],
    ]);
  });

  test("FLOW-21 a withdrawal that failed for good frees all of it", async () => {
    const ownerId = await ownerWith({ BTC: "3.00000000" });
    const { holdId } = withdrawal(ownerId);
    await done(
      hold("settlement", withdrawal(ownerId, { holdId, fee: money("0.00010000", "BTC") })),
    );
    const names = withdrawalAccounts(ownerId);
    expect(await changes(names, async () => release("settlement", { holdId }))).toEqual({
      available: "dp -1.00010000",
      inFlight: "cp -1.00000000",
      fees: "cp -0.00010000",
    });
    const again = await capture("settlement", { holdId });
    expect(again.map(shown)).toEqual([["released", "HOLD_ALREADY_RELEASED"]]);
  });

  test("FLOW-22 FLOW-23 FLOW-24 wallets are funded, swept, and pay gas", async () => {
    const { deposit, hot, costs, capital } = wallets;
    await opening("settlement", deposit, hot);
    const names = { deposit, hot, costs, capital };
    const fund = { from: hot, to: capital, amount: "10", code: FUNDING };
    expect(await booked(names, byChain(fund, "fund"))).toEqual({
      hot: "d +10.000000000000000000",
      capital: "c +10.000000000000000000",
    });
    const sweep = { from: hot, to: deposit, amount: "2", code: SWEEP };
    expect(await booked(names, byChain(sweep, "sweep"))).toEqual({
      hot: "d +2.000000000000000000",
      deposit: "c +2.000000000000000000",
    });
    const gas = { from: costs, to: hot, amount: "0.000441", code: GAS };
    expect(await booked(names, byChain(gas, "gas"))).toEqual({
      costs: "d +0.000441000000000000",
      hot: "c +0.000441000000000000",
    });
  });

  test("FLOW-25 a deposit that a reorganisation took away is the owner's as far as it is there", async () => {
    const { deposit, loss } = wallets;
    const ownerId = await newOwner(billing);
    const { available } = ownerAccounts(ownerId, eth);
    await opening("settlement", available, deposit);
    const credit = { from: deposit, to: available, amount: "1", code: DEPOSIT };
    await byChain(credit, "deposit")();
    await done(
      hold(
        "settlement",
        holdOf(ownerId, "0.4", {
          asset: "ETH",
          chain: "ethereum",
          wallet: "hot",
        }),
      ),
    );
    const id = newId();
    const flags = TransferFlags.BALANCING_DEBIT;
    const take = async () => [
      ...(await book(billing, "settlement", {
        path: `reorg/ethereum/${id}/1`,
        from: loss,
        to: deposit,
        amount: "1",
        code: REORG,
      })),
      ...(await book(billing, "settlement", {
        path: `reorg/ethereum/${id}/2`,
        from: available,
        to: loss,
        amount: "1",
        code: REORG,
        flags,
      })),
    ];
    expect(await booked({ deposit, loss, available }, take)).toEqual({
      deposit: "c +1.000000000000000000",
      loss: "d +1.000000000000000000 c +0.600000000000000000",
      available: "d +0.600000000000000000",
    });
  });

  test("ACC-9 HOLD-2 settlement opens what its flows need, and no account of a stranger", async () => {
    const known = await newOwner(billing);
    const stranger = newId();
    const open = async (service: string, account: NewAccount) =>
      opening(service, account).catch((error: unknown) => reasonOf(error));
    const exchange = chart.exchangeCustodyAccount("simex", usdt);
    const { available } = ownerAccounts(known, usdt);
    const outcomes = [
      await open("settlement", available),
      await open("settlement", ownerAccounts(stranger, usdt).available),
      await open("settlement", ownerAccounts(known, usdt).inOrders),
      await open("settlement", { ...available, id: ownerAccounts(stranger, usdt).available.id }),
      await open("settlement", chart.chainInAccount("tron", usdt)),
      await open("settlement", chart.bankCustodyAccount("second", irr)),
      await open("settlement", exchange),
      await open("matching", exchange),
      await open("matching", ownerAccounts(known, btc).available),
      await open("core", ownerAccounts(stranger, usdt).available),
    ];
    expect(outcomes).toEqual([
      ["created"],
      "OWNER_NOT_FOUND",
      "NOT_ALLOWED",
      "NOT_ALLOWED",
      ["created"],
      ["created"],
      "NOT_ALLOWED",
      ["created"],
      "NOT_ALLOWED",
      ["created"],
    ]);
  });
});

describe("purchases from the desk", () => {
  const provider = "simex";
  const accounts = (ownerId: string) => ({
    money: chart.availableAccount(ownerId, irr),
    coins: chart.availableAccount(ownerId, usdt),
    desk: chart.deskAvailableAccount(irr),
    deskCoins: chart.deskAvailableAccount(usdt),
    fees: chart.tradingFeesAccount(irr),
  });
  const purchase = (ownerId: string) => holdOf(ownerId, "100.00", { purpose: "PURCHASE" });

  test("FLOW-27 a purchase holds its full amount", async () => {
    const ownerId = await newOwner(billing, "150.00");
    const one = purchase(ownerId);
    expect(await changes(accounts(ownerId), async () => hold("matching", one))).toEqual({
      money: "dp +100.00",
      desk: "cp +100.00",
    });
    const path = `purchase/${one.holdId}/hold`;
    expect(await codesOf(billing, path)).toEqual([TransferCodes.PURCHASE]);
    const other = await hold("matching", purchase(ownerId));
    expect(other.map(shown)).toEqual([["unknown", "INSUFFICIENT_FUNDS"]]);
  });

  test("FLOW-28 the desk buys outside, coins for money in one chain", async () => {
    const [coins, money_] = [
      chart.exchangeCustodyAccount(provider, usdt),
      chart.exchangeCustodyAccount(provider, irr),
    ];
    await openAll(coins, money_);
    const { desk, deskCoins } = accounts(newId());
    const code = TransferCodes.DESK_BATCH;
    const id = newId();
    const call = async () =>
      book(
        billing,
        "matching",
        { path: `desk-batch/${id}/1`, from: coins, to: deskCoins, amount: "2.5", code },
        { path: `desk-batch/${id}/2`, from: desk, to: money_, amount: "150.00", code },
      );
    expect(await booked({ coins, money: money_, desk, deskCoins }, call)).toEqual({
      coins: "d +2.500000",
      deskCoins: "c +2.500000",
      desk: "d +150.00",
      money: "c +150.00",
    });
  });

  test("FLOW-29 a purchase is settled at the better price, and what is not spent is free", async () => {
    const ownerId = await newOwner(billing, "150.00");
    const one = purchase(ownerId);
    await done(hold("matching", one));
    const settled: EndedHold = {
      holdId: one.holdId,
      purpose: "PURCHASE",
      amount: money("90.90"),
      baseAmount: money("1.500000", "USDT"),
      fee: money("0.90"),
    };
    expect(await changes(accounts(ownerId), async () => capture("matching", settled))).toEqual({
      money: "dp -100.00 d +90.90",
      desk: "d +0.90 cp -100.00 c +90.90",
      deskCoins: "d +1.500000",
      coins: "c +1.500000",
      fees: "c +0.90",
    });
    const legs = ["cost", "coins", "fee"].map((leg) => `purchase/${one.holdId}/${leg}`);
    const { PURCHASE, TRADING_FEE } = TransferCodes;
    expect(await codesOf(billing, ...legs)).toEqual([PURCHASE, PURCHASE, TRADING_FEE]);
    const { fee: _fee, ...free } = settled;
    const others = await capture(
      "matching",
      { ...settled, baseAmount: money("1.400000", "USDT") },
      { ...settled, amount: money("90.00") },
      free,
    );
    expect(others.map(shown)).toEqual(others.map(() => ["captured", "HOLD_ALREADY_CAPTURED"]));
  });

  test("FLOW-29 a settlement that can't be is refused, and can be made right", async () => {
    const ownerId = await newOwner(billing, "150.00");
    const one = purchase(ownerId);
    await done(hold("matching", one));
    const right: EndedHold = {
      holdId: one.holdId,
      purpose: "PURCHASE",
      amount: money("100.00"),
      baseAmount: money("1.500000", "USDT"),
    };
    const { baseAmount: _base, ...without } = right;
    const outcomes = await capture(
      "matching",
      without,
      { ...right, amount: money("100.01") },
      { ...right, fee: money("100.01") },
      { ...right, fee: money("1", "USDT") },
      { ...right, baseAmount: money("1.00") },
      { ...right, baseAmount: money("0", "USDT") },
      { ...right, bank: "main" },
      { ...right, holdId: newId() },
      right,
    );
    expect(outcomes.map(({ error }) => reasonOf(error))).toEqual([
      "HOLD_FIELD_REQUIRED",
      "HOLD_EXCEEDED",
      "INVALID_AMOUNT",
      "ASSET_NOT_ACCEPTED",
      "ASSET_NOT_ACCEPTED",
      "INVALID_AMOUNT",
      "HOLD_FIELD_NOT_ACCEPTED",
      "HOLD_NOT_FOUND",
      undefined,
    ]);
  });

  test("FLOW-30 a purchase that is cancelled frees its amount", async () => {
    const ownerId = await newOwner(billing, "150.00");
    const one = purchase(ownerId);
    await done(hold("matching", one));
    const { holdId } = one;
    const freed = { holdId, purpose: "PURCHASE" } as const;
    expect(await changes(accounts(ownerId), async () => release("matching", freed))).toEqual({
      money: "dp -100.00",
      desk: "cp -100.00",
    });
    expect(await codesOf(billing, `purchase/${holdId}/void`)).toEqual([TransferCodes.PURCHASE]);
  });
});

describe("the rules of holds", () => {
  test.each(["ORDER", "PURCHASE", "MERCHANT_WITHDRAWAL", "CHAIN_WITHDRAWAL"] as const)(
    "HOLD-1 %s never ends by itself",
    async (purpose) => {
      const expiresAtUs = (Date.now() + 3_600_000) * 1000;
      const rest = purpose === "CHAIN_WITHDRAWAL" ? { chain: "tron", wallet: "hot" } : {};
      const one = holdOf(newId(), "1.00", { purpose, expiresAtUs, ...rest });
      const [outcome] = await hold(owners[purpose], one);
      expect(shown(outcome!)).toEqual(["unknown", "HOLD_FIELD_NOT_ACCEPTED"]);
    },
  );

  const owners = {
    SMS: "sms",
    ORDER: "matching",
    PURCHASE: "matching",
    MERCHANT_WITHDRAWAL: "core",
    CHAIN_WITHDRAWAL: "settlement",
  } as const;
  const services = [...new Set(Object.values(owners))];
  const purposes = Object.keys(owners) as (keyof typeof owners)[];
  const foreign = purposes.flatMap((purpose) =>
    services
      .filter((service) => service !== owners[purpose])
      .map((service) => [service, purpose] as const),
  );

  test.each(foreign)("HOLD-2 %s may not touch holds for %s", async (service, purpose) => {
    const one = holdOf(await newOwner(billing, "5.00"), "1.00", { purpose });
    const ended = { holdId: one.holdId, purpose };
    const act = async () => {
      for (const outcomes of [
        await hold(service, one),
        await capture(service, ended),
        await release(service, ended),
      ]) {
        expect(outcomes.map(shown)).toEqual([["unknown", "NOT_YOUR_PURPOSE"]]);
      }
    };
    expect(await changesOf(billing, {}, act)).toEqual({});
  });

  test("HOLD-2 settlement and matching post between the accounts of their flows only", async () => {
    const ownerId = await newOwner(billing, "50.00");
    const merchantId = await newMerchant();
    const { available } = ownerAccounts(ownerId, irr);
    const { credit, used } = merchantAccounts(merchantId);
    const pairs: [NewAccount, NewAccount][] = [
      [available, chart.smsRevenueAccount(irr)],
      [pool, bankOut],
      [used, credit],
      [chart.worldAccount(irr), available],
      [bank, pool],
      [bank, available],
    ];
    const act = async () => {
      for (const service of ["settlement", "matching"]) {
        for (const [from, to] of pairs) {
          const link = { path: `any/${newId()}`, from, to, amount: "1.00", code: 100 };
          const error = await book(billing, service, link).catch((one: unknown) => one);
          expect([reasonOf(error), String(error)]).toEqual([
            "NOT_ALLOWED",
            expect.stringContaining(from.id),
          ]);
        }
      }
    };
    expect(await changesOf(billing, {}, act)).toEqual({});
  });

  test("HOLD-3 whoever has no credit learns that first; the pool's lack leaves the merchant alone", async () => {
    await using own = await testBilling();
    const { merchantId } = await grant(own.billing, "10.00");
    await fillPool(own.billing, "5.00");
    const { merchantId: rich } = await grant(own.billing, "100.00");
    const ask = async (ownerId: string, amount: string, rest: Partial<Hold> = {}) =>
      createHolds(own.billing, { service: "core", holds: [holdOf(ownerId, amount, rest)] }, {});
    const act = async () => {
      expect((await ask(merchantId, "10.01")).map(shown)).toEqual([
        ["unknown", "INSUFFICIENT_CREDIT"],
      ]);
      expect((await ask(merchantId, "5.01")).map(shown)).toEqual([["unknown", "POOL_EXHAUSTED"]]);
      expect((await ask(newId(), "1.00")).map(shown)).toEqual([["unknown", "OWNER_NOT_FOUND"]]);
      const fee = money("0.01");
      expect((await ask(merchantId, "5.00", { fee })).map(shown)).toEqual([
        ["unknown", "POOL_EXHAUSTED"],
      ]);
    };
    expect(await changesOf(own.billing, {}, act)).toEqual({});
    const holdId = newId();
    expect((await ask(merchantId, "6.00", { holdId })).map(shown)).toEqual([
      ["unknown", "POOL_EXHAUSTED"],
    ]);
    const costly = { holdId: newId(), fee: money("0.01") };
    expect((await ask(rich, "5.00", costly)).map(shown)).toEqual([["unknown", "POOL_EXHAUSTED"]]);
    const freed = { service: "core", holds: [costly] };
    expect((await releaseHolds(own.billing, freed, {})).map(shown)).toEqual([
      ["unknown", "HOLD_FIELD_NOT_ACCEPTED"],
    ]);
    const again = { service: "core", holds: [{ holdId: costly.holdId }] };
    expect((await releaseHolds(own.billing, again, {})).map(shown)).toEqual([
      ["unknown", "HOLD_NOT_FOUND"],
    ]);
    expect((await ask(rich, "5.00", costly)).map(shown)).toEqual([["unknown", "POOL_EXHAUSTED"]]);
    await ask(merchantId, "5.00"); // now the credit lacks as well, but the first answer stands
    expect((await ask(merchantId, "6.00", { holdId })).map(shown)).toEqual([
      ["unknown", "POOL_EXHAUSTED"],
    ]);
    expect((await ask(rich, "1.00")).map(shown)).toEqual([["unknown", "POOL_EXHAUSTED"]]);
    expect(await unbalanced(own.billing)).toEqual([]);
  });

  test("HOLD-6 L15 a message has one hold and one capture, whoever sends it and whatever repeats", async () => {
    const ownerId = await newOwner(billing, "100000.00");
    const stands = async () => {
      const accounts = await accountsOf(billing);
      const { id } = chart.availableAccount(ownerId, irr);
      const account = accounts.find((one) => one.id === id)!;
      return [
        ...(await seen(ownerId, "IRR")),
        fromMinor(account.creditsPosted - account.debitsPosted, 2),
      ];
    };
    const first = holdOf(ownerId, "250.00");
    await done(hold("sms", first));
    expect(await stands()).toEqual(["99750.00", "250.00", "100000.00"]);
    await done(capture("sms", { holdId: first.holdId }));
    expect(await stands()).toEqual(["99750.00", "0.00", "99750.00"]);
    const refunds = [
      { refundId: newId(), holdId: first.holdId, asset: "IRR", amount: "250.00", reference: "" },
    ];
    await refundHolds(billing, { service: "sms", refunds }, {});
    expect(await stands()).toEqual(["100000.00", "0.00", "100000.00"]);
    const repeat = async () => {
      const reports = Array.from({ length: 100 }, async () =>
        refundHolds(billing, { service: "sms", refunds }, {}),
      );
      await Promise.all(reports);
    };
    expect(await changesOf(billing, {}, repeat)).toEqual({});
    const second = holdOf(ownerId, "250.00");
    await done(hold("sms", second)); // A rejects it, and B accepts: the hold is the same
    await done(hold("sms", second));
    await done(capture("sms", { holdId: second.holdId }));
    await done(capture("sms", { holdId: second.holdId }));
    expect(await stands()).toEqual(["99750.00", "0.00", "99750.00"]);
    const third = holdOf(ownerId, "250.00");
    await done(hold("sms", third));
    await done(release("sms", { holdId: third.holdId }));
    expect(await stands()).toEqual(["99750.00", "0.00", "99750.00"]);
  });

  test.each([
    ["core", "MERCHANT_WITHDRAWAL", "IRR"],
    ["matching", "PURCHASE", "IRR"],
    ["settlement", "CHAIN_WITHDRAWAL", "IRR"],
  ] as const)(
    "%s: what is released before it comes is never held (%s)",
    async (service, purpose, asset) => {
      const ownerId =
        purpose === "MERCHANT_WITHDRAWAL" ? await newMerchant() : await newOwner(billing, "9.00");
      const rest = purpose === "CHAIN_WITHDRAWAL" ? { chain: "tron", wallet: "hot" } : {};
      const one = holdOf(ownerId, "1.00", { purpose, asset, ...rest });
      const { holdId } = one;
      expect((await release(service, { holdId, purpose })).map(shown)).toEqual([
        ["unknown", "HOLD_NOT_FOUND"],
      ]);
      expect((await hold(service, one)).map(shown)).toEqual([["unknown", "HOLD_ALREADY_RELEASED"]]);
      expect((await hold(service, one)).map(shown)).toEqual([["unknown", "HOLD_ALREADY_RELEASED"]]);
      expect((await release(service, { holdId, purpose })).map(shown)).toEqual([
        ["unknown", "HOLD_NOT_FOUND"],
      ]);
    },
  );

  test("retries of every call are answered alike by a new writer", async () => {
    await using own = await testBilling();
    const { merchantId } = await grant(own.billing, "100.00");
    await fillPool(own.billing, "50.00");
    const call = { service: "core" };
    const holds = ["10.00", "45.00", "200.00"].map((amount) =>
      holdOf(merchantId, amount, { fee: money("1.00") }),
    );
    const [paid, poor, greedy] = holds as [Hold, Hold, Hold];
    const run = async (billing_: typeof billing) => {
      const { holdId } = paid;
      const ended = { ...call, holds: [{ holdId, bank: "main" }] };
      return [
        ...(await createHolds(billing_, { ...call, holds }, {})),
        ...(await captureHolds(billing_, ended, {})),
        ...(await releaseHolds(billing_, { ...call, holds: [{ holdId }] }, {})),
        ...(await releaseHolds(billing_, { ...call, holds: [{ holdId: poor.holdId }] }, {})),
        ...(await createHolds(billing_, { ...call, holds: [poor, greedy] }, {})),
      ].map(({ error }) => reasonOf(error));
    };
    const first = await run(own.billing);
    expect(first).toEqual([
      undefined,
      "POOL_EXHAUSTED",
      "INSUFFICIENT_CREDIT",
      undefined,
      "HOLD_ALREADY_CAPTURED",
      "HOLD_NOT_FOUND",
      "POOL_EXHAUSTED",
      "INSUFFICIENT_CREDIT",
    ]);
    await using writer = await testWriter(own.db.url);
    expect(await run({ ...own.billing, writer })).toEqual(first);
    expect(await findFaults(own.db)).toEqual([]);
  });
});
