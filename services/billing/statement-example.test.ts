import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import * as chart from "./domain/chart.ts";
import { tradeChain } from "./domain/flows/trade.ts";
import { captureHolds } from "./operations/capture-holds.ts";
import { createHolds } from "./operations/create-holds.ts";
import { listEntries } from "./operations/list-entries.ts";
import { releaseHolds } from "./operations/release-holds.ts";
import { charge, newOwner, testBilling } from "./testing/test-billing.ts";
import { make } from "./testing/test-flows.ts";

// The table of docs/ledger.md that shows a statement is made anew here.

const page = readFileSync(new URL("../../docs/ledger.md", import.meta.url), "utf8");

test("the example of a statement in docs/ledger.md is true", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const [irr, usdt] = ["IRR", "USDT"].map((code) => billing.assets.byCode(code)!);
  const [ownerId, sellerId] = [await newOwner(billing), await newOwner(billing)];
  const [message, order, ask] = [newId(), newId(), newId()];
  const coins = { ownerId: sellerId, asset: "USDT", amount: "2", reference: "" };
  const money = { ownerId, asset: "IRR", reference: "" };
  await charge(billing, { ...coins, userId: sellerId });
  const orders = (holdId: string, hold: typeof coins) =>
    createHolds(
      billing,
      { service: "matching", holds: [{ ...hold, holdId, purpose: "ORDER" }] },
      {},
    );
  await orders(ask, coins);
  await billing.writer.submit({
    eventCount: 1,
    decide: ({ ledger, atUs }) =>
      ledger.createAccounts([chart.availableAccount(ownerId, usdt!)], atUs),
  });

  await charge(billing, { userId: ownerId, amount: "1000", reference: "cash" });
  const price = { ...money, holdId: message, amount: "250", reference: "+98 912" };
  await createHolds(billing, { service: "sms", holds: [price] }, {});
  const part = { holdId: message, amount: { asset: "IRR", amount: "100" } };
  await captureHolds(billing, { service: "sms", holds: [part] }, {});
  await orders(order, { ...money, amount: "600" });
  const { events: trade } = tradeChain({
    market: "USDT_IRR",
    tradeId: "1",
    buyerId: ownerId,
    sellerId,
    base: usdt!,
    quote: irr!,
    baseMinor: 2_000000n,
    quoteMinor: 200_00n,
    buyerFeeMinor: 1_00n,
    sellerFeeMinor: 0n,
    freedMinor: 0n,
  });
  expect(await make(billing, trade)).toEqual(trade.map(() => "created"));
  const rest = {
    holdId: order,
    purpose: "ORDER",
    amount: { asset: "IRR", amount: "399" },
    step: 1,
  };
  await releaseHolds(billing, { service: "matching", holds: [{ ...rest, purpose: "ORDER" }] }, {});

  const list = { ownerId, asset: "IRR", pageSize: 0, pageToken: "" };
  const { rows } = await listEntries(billing, list, {});
  const titles = [
    "Ada is charged 1000",
    "a message for 250 is reserved",
    "a provider has accepted 100 of it",
    "Ada orders coins for 600",
    "200 are traded",
    "for a fee of 1",
    "Ada cancels the rest",
  ];
  const lines = rows.toReversed().map(({ type, side, reference, ...entry }, place) => {
    const { availableMinor, heldMinor } = entry.balance;
    const amounts = [entry.amountMinor, availableMinor, heldMinor];
    const figures = amounts.map((minor) => fromMinor(minor, 2));
    const cells = [titles[place], type.toUpperCase(), side.toUpperCase(), ...figures, reference];
    return `| ${cells.join(" | ")} |`.replace("|  |", "| |");
  });
  expect(lines).toHaveLength(titles.length);
  expect(page).toContain(lines.join("\n"));
});
