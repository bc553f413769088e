import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import type { Billing } from "./context.ts";
import type { NewAccount } from "./domain/account.ts";
import * as chart from "./domain/chart.ts";
import { TransferCodes } from "./domain/chart.ts";
import { tradeChain } from "./domain/flows/trade.ts";
import { TransferFlags } from "./domain/transfer.ts";
import { captureHolds } from "./operations/capture-holds.ts";
import { createHolds } from "./operations/create-holds.ts";
import type { EndedHold } from "./operations/end-holds.ts";
import type { HoldOutcome } from "./operations/hold-outcome.ts";
import type { Hold } from "./operations/read-hold.ts";
import { refundHolds } from "./operations/refund-holds.ts";
import { releaseHolds } from "./operations/release-holds.ts";
import { charge, newOwner, testBilling } from "./testing/test-billing.ts";
import { fillPool, grant, repay } from "./testing/test-credit.ts";
import { accountsOf, book, make, unbalanced } from "./testing/test-flows.ts";

// The tables of docs/ledger.md that show the money flows are run here, row by row.

const page = readFileSync(new URL("../../docs/ledger.md", import.meta.url), "utf8");
const TRON = "tron";

test("the example of messages in docs/ledger.md is true", async () => {
  await using own = await testBilling();
  const { billing } = own;
  const { irr } = assetsOf(billing);
  const ada = await newOwner(billing);
  const [first, second] = [newId(), newId()];
  const { hold, capture, release } = callsOf(billing, "sms");
  const price = { ownerId: ada, asset: "IRR", amount: "250", reference: "" };
  const lines = await table(
    billing,
    {
      world: chart.worldAccount(irr),
      "Ada available": chart.availableAccount(ada, irr),
      "Ada held": held(chart.availableAccount(ada, irr)),
      "revenue/sms": chart.smsRevenueAccount(irr),
    },
    [
      ["FLOW-1 Ada is charged 1000", async () => charge(billing, { userId: ada, amount: "1000" })],
      ["FLOW-2 a message for 250 is reserved", hold({ ...price, holdId: first })],
      ["FLOW-3 a provider has accepted it", capture({ holdId: first })],
      [
        "FLOW-5 its delivery failed",
        async () => {
          const refund = { ...price, refundId: newId(), holdId: first };
          await refundHolds(billing, { service: "sms", refunds: [refund] }, {});
        },
      ],
      ["FLOW-2 another message is reserved", hold({ ...price, holdId: second })],
      ["FLOW-4 no provider takes it", release({ holdId: second })],
    ],
  );
  expect(page).toContain(lines);
});

test("the example of merchants in docs/ledger.md is true", async () => {
  await using own = await testBilling();
  const { billing } = own;
  const { irr, rights } = assetsOf(billing);
  const merchantId = newId();
  const [credit, used] = [
    chart.merchantCreditAccount(merchantId, rights),
    chart.merchantCreditUsedAccount(merchantId, rights),
  ];
  const pool = chart.poolAccount(irr);
  const [bank, bankOut] = [chart.bankCustodyAccount("main", irr), chart.bankOutAccount(irr)];
  const bankIn = chart.bankInAccount("main", irr);
  const [fees, costs] = [chart.payoutFeesAccount(irr), chart.payoutFeesPaidAccount(irr)];
  const { hold, capture, release } = callsOf(billing, "core");
  const [paid, failed] = [newId(), newId()];
  const withdrawal = { ownerId: merchantId, asset: "IRR", amount: "10", reference: "" };
  const { BANK_FEE, BANK_IN } = TransferCodes;
  const line = (path: string, from: NewAccount, to: NewAccount, code: number) => async () =>
    book(billing, "settlement", { path, from, to, amount: "2", code });
  const lines = await table(
    billing,
    {
      credit: credit,
      "held ": held(credit),
      used: used,
      pool: pool,
      held: held(pool),
      bank_out: bankOut,
      custody: bank,
      earned: fees,
      cost: costs,
      bank_in: bankIn,
    },
    [
      ["FLOW-6 the merchant may use 100", async () => grant(billing, "100", { merchantId })],
      ["FLOW-7 no, 50", async () => grant(billing, "50", { merchantId })],
      ["FLOW-8 the pool gets 1000", async () => fillPool(billing, "1000")],
      [
        "FLOW-9 it withdraws 10, for a fee of 1",
        hold({ ...withdrawal, holdId: paid, fee: { asset: "IRR", amount: "1" } }),
      ],
      ["FLOW-10 the bank has paid", capture({ holdId: paid, bank: "main" })],
      ["FLOW-9 it withdraws 10, for nothing", hold({ ...withdrawal, holdId: failed })],
      ["FLOW-11 the bank refuses", release({ holdId: failed })],
      [
        "FLOW-12 the 10 come back",
        async () => {
          const { asset, amount, reference } = withdrawal;
          const refund = {
            refundId: newId(),
            holdId: paid,
            asset,
            amount,
            bank: "main",
            reference,
          };
          await refundHolds(billing, { service: "core", refunds: [refund] }, {});
        },
      ],
      ["FLOW-13 the merchant repays the fee", async () => repay(billing, merchantId, "1")],
      ["FLOW-14 the bank charges us 2", line("bankfee/1/1", costs, bank, BANK_FEE)],
      ["FLOW-31 2 come in, of whom?", line("bankin/1/1", bank, bankIn, BANK_IN)],
    ],
  );
  expect(page).toContain(lines);
});

test("the example of orders in docs/ledger.md is true", async () => {
  await using own = await testBilling();
  const { billing } = own;
  const { usdt, btc } = assetsOf(billing);
  const [ada, ben] = [await newOwner(billing), await newOwner(billing)];
  await charge(billing, { userId: ada, asset: "USDT", amount: "40000" });
  await charge(billing, { userId: ben, asset: "BTC", amount: "1" });
  await openAll(billing, chart.availableAccount(ada, btc), chart.availableAccount(ben, usdt));
  const { hold, release } = callsOf(billing, "matching");
  const [bid, ask] = [newId(), newId()];
  const order = { purpose: "ORDER", reference: "" } as const;
  const buy: Hold = { ...order, holdId: bid, ownerId: ada, asset: "USDT", amount: "30030" };
  const sell: Hold = { ...order, holdId: ask, ownerId: ben, asset: "BTC", amount: "0.2" };
  const rest = { asset: "USDT", amount: "18018" };
  const { events: trade } = tradeChain({
    market: "BTC_USDT",
    tradeId: "1",
    buyerId: ada,
    sellerId: ben,
    base: btc,
    quote: usdt,
    baseMinor: 20_000_000n,
    quoteMinor: 11_980_000000n,
    buyerFeeMinor: 11_980000n,
    sellerFeeMinor: 5_990000n,
    freedMinor: 20_020000n,
  });
  const lines = await table(
    billing,
    {
      "Ada USDT": chart.availableAccount(ada, usdt),
      "in orders": chart.inOrdersAccount(ada, usdt),
      "Ada BTC": chart.availableAccount(ada, btc),
      "Ben USDT": chart.availableAccount(ben, usdt),
      "Ben BTC": chart.availableAccount(ben, btc),
      "in orders ": chart.inOrdersAccount(ben, btc),
      fees: chart.tradingFeesAccount(usdt),
    },
    [
      ["FLOW-15 Ada wants 0.5 BTC for 60000 at most", hold(buy)],
      ["FLOW-15 Ben asks 59900 for 0.2 BTC", hold(sell)],
      ["FLOW-16 they trade 0.2 BTC", async () => make(billing, trade)],
      ["FLOW-17 Ada cancels the rest", release({ ...order, holdId: bid, amount: rest, step: 1 })],
    ],
  );
  expect(page).toContain(lines);
});

test("the example of chains in docs/ledger.md is true", async () => {
  await using own = await testBilling();
  const { billing } = own;
  const { usdt } = assetsOf(billing);
  const ada = await newOwner(billing);
  const available = chart.availableAccount(ada, usdt);
  const wallet = (name: string) => chart.chainCustodyAccount(TRON, name, usdt);
  const [deposit, hot] = [wallet("deposit"), wallet("hot")];
  const [chainIn, loss] = [chart.chainInAccount(TRON, usdt), chart.reorgLossAccount(usdt)];
  const [costs, capital] = [chart.networkFeesPaidAccount(usdt), chart.operatorAccount(usdt)];
  await openAll(billing, available, deposit, hot, chainIn);
  const { hold, capture, release } = callsOf(billing, "settlement");
  const [confirmed, failed] = [newId(), newId()];
  const withdrawal: Omit<Hold, "holdId"> = {
    ownerId: ada,
    asset: "USDT",
    amount: "30",
    fee: { asset: "USDT", amount: "1" },
    chain: TRON,
    wallet: "hot",
    reference: "",
  };
  const post = (
    [from, to]: readonly [NewAccount, NewAccount],
    amount: string,
    code: number,
    flags = 0,
  ) => book(billing, "settlement", { path: `x/${newId()}`, from, to, amount, code, flags });
  const { DEPOSIT, GAS, SWEEP, FUNDING, REORG } = TransferCodes;
  const lines = await table(
    billing,
    {
      "Ada available": available,
      held: held(available),
      chain_in: chainIn,
      chain_out: chart.chainOutAccount(TRON, usdt),
      deposit: deposit,
      hot: hot,
      earned: chart.withdrawalFeesAccount(usdt),
      gas: costs,
      lost: loss,
      capital: capital,
    },
    [
      ["FLOW-18 Ada's 100 have come", async () => post([deposit, available], "100", DEPOSIT)],
      ["FLOW-18 and 2 of nobody", async () => post([deposit, chainIn], "2", DEPOSIT)],
      ["FLOW-23 90 go to the hot wallet", async () => post([hot, deposit], "90", SWEEP)],
      ["FLOW-24 the operator adds 5", async () => post([hot, capital], "5", FUNDING)],
      ["FLOW-19 Ada withdraws 30, for 1", hold({ ...withdrawal, holdId: confirmed })],
      ["FLOW-20 the chain has confirmed it", capture({ holdId: confirmed })],
      ["FLOW-22 it took 0.5 of gas", async () => post([costs, hot], "0.5", GAS)],
      ["FLOW-19 Ada withdraws 30, for 1", hold({ ...withdrawal, holdId: failed })],
      ["FLOW-21 it failed for good", release({ holdId: failed })],
      [
        "FLOW-25 the deposit was never there",
        async () => {
          await post([loss, deposit], "100", REORG);
          await post([available, loss], "100", REORG, TransferFlags.BALANCING_DEBIT);
        },
      ],
    ],
  );
  expect(page).toContain(lines);
});

test("the example of the desk in docs/ledger.md is true", async () => {
  await using own = await testBilling();
  const { billing } = own;
  const { irr, usdt } = assetsOf(billing);
  const ada = await newOwner(billing, "300");
  const [desk, deskCoins] = [chart.deskAvailableAccount(irr), chart.deskAvailableAccount(usdt)];
  const [money, coins] = [
    chart.exchangeCustodyAccount("outside", irr),
    chart.exchangeCustodyAccount("outside", usdt),
  ];
  await openAll(billing, chart.availableAccount(ada, usdt), money, coins);
  const { hold, capture, release } = callsOf(billing, "matching");
  const [settled, cancelled] = [newId(), newId()];
  const purchase: Omit<Hold, "holdId"> = {
    purpose: "PURCHASE",
    ownerId: ada,
    asset: "IRR",
    amount: "100",
    reference: "",
  };
  const code = TransferCodes.DESK_BATCH;
  const lines = await table(
    billing,
    {
      "Ada IRR": chart.availableAccount(ada, irr),
      held: held(chart.availableAccount(ada, irr)),
      "Ada USDT": chart.availableAccount(ada, usdt),
      "desk IRR": desk,
      "desk USDT": deskCoins,
      "outside IRR": money,
      "outside USDT": coins,
      fees: chart.tradingFeesAccount(irr),
    },
    [
      ["FLOW-27 Ada gives 100 for coins", hold({ ...purchase, holdId: settled })],
      [
        "FLOW-28 the desk buys 9 coins for 90",
        async () =>
          book(
            billing,
            "matching",
            { path: "desk-batch/1/1", from: coins, to: deskCoins, amount: "9", code },
            { path: "desk-batch/1/2", from: desk, to: money, amount: "90", code },
          ),
      ],
      [
        "FLOW-29 Ada gets them, for a fee of 1",
        capture({
          holdId: settled,
          purpose: "PURCHASE",
          amount: { asset: "IRR", amount: "91" },
          fee: { asset: "IRR", amount: "1" },
          baseAmount: { asset: "USDT", amount: "9" },
        }),
      ],
      ["FLOW-27 Ada gives 100 once more", hold({ ...purchase, holdId: cancelled })],
      ["FLOW-30 and cancels it", release({ holdId: cancelled, purpose: "PURCHASE" })],
    ],
  );
  expect(page).toContain(lines);
});

type Held = { readonly heldOn: NewAccount };
const held = (heldOn: NewAccount): Held => ({ heldOn });

/** Runs the rows of a table, and writes it as the page has it. */
async function table(
  billing: Billing,
  columns: Readonly<Record<string, NewAccount | Held>>,
  rows: readonly (readonly [string, () => Promise<unknown>])[],
): Promise<string> {
  const names = Object.keys(columns).map((name) => name.trim());
  const lines = [`| flow | ${names.join(" | ")} |`, `|---${"|---".repeat(names.length)}|`];
  for (const [title, act] of rows) {
    await act();
    assert.deepEqual(await unbalanced(billing), []);
    const accounts = new Map((await accountsOf(billing)).map((account) => [account.id, account]));
    const figures = Object.values(columns).map((column) => {
      const { id } = "heldOn" in column ? column.heldOn : column;
      const account = accounts.get(id);
      if (account === undefined) return "0";
      const { ledger, code, debitsPosted, creditsPosted, debitsPending } = account;
      const isDebit = code >= 500;
      const balance = isDebit ? debitsPosted - creditsPosted : creditsPosted - debitsPosted;
      const minor = "heldOn" in column ? debitsPending : balance - (isDebit ? 0n : debitsPending);
      return textOf(minor, billing.assets.ofLedger(ledger).scale);
    });
    lines.push(`| ${title} | ${figures.join(" | ")} |`);
  }
  return lines.join("\n");
}

function textOf(minor: bigint, scale: number): string {
  const digits = String(minor < 0n ? -minor : minor).padStart(scale + 1, "0");
  const fraction = digits.slice(-scale).replace(/0+$/, "");
  const whole = `${minor < 0n ? "-" : ""}${digits.slice(0, -scale)}`;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

function assetsOf({ assets }: Billing) {
  const of = (code: string) => assets.byCode(code)!;
  return { irr: of("IRR"), usdt: of("USDT"), btc: of("BTC"), rights: of("IRR.credit") };
}

/** The calls of a service, each for one hold and sure to succeed. */
function callsOf(billing: Billing, service: string) {
  const done = async (outcomes: Promise<HoldOutcome[]>) =>
    expect((await outcomes).map(({ error }) => reasonOf(error))).toEqual([undefined]);
  return {
    hold: (one: Hold) => async () => done(createHolds(billing, { service, holds: [one] }, {})),
    capture: (one: EndedHold) => async () =>
      done(captureHolds(billing, { service, holds: [one] }, {})),
    release: (one: EndedHold) => async () =>
      done(releaseHolds(billing, { service, holds: [one] }, {})),
  };
}

async function openAll({ writer }: Billing, ...accounts: readonly NewAccount[]): Promise<void> {
  await writer.submit({
    eventCount: accounts.length,
    decide: ({ ledger, atUs }) => ledger.createAccounts(accounts, atUs),
  });
}
