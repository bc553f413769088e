import { describe, expect, test } from "vitest";
import { fromMinor, toMinor } from "#mesh/money.ts";
import { type Book, books } from "../testing/books.ts";
import { createCaseBook } from "../testing/case-book.ts";
import { toCommand } from "../testing/notation.ts";
import { checkHolds, createWallet, runFunded, totalOf } from "../testing/wallet.ts";
import { tradeMoney } from "./event-money.ts";
import type { TradeEvent } from "./event.ts";
import { type FeeRates, type Scales, addFill, feeMinor, holdMinor, noFills } from "./money.ts";

const free: FeeRates = { maker: { ppm: 0, perLot: 0 }, taker: { ppm: 0, perLot: 0 } };

/** A funded market: lines of notation that lack money answer INSUFFICIENT_FUNDS. */
function openFunded(
  book: Book,
  market: { scales: Scales; rates?: FeeRates; base: number; quote: number },
) {
  const { scales, rates = free } = market;
  const cases = createCaseBook(book, { quoteScale: Number(scales.quoteScale) });
  cases.apply({ kind: "TIER", tier: 2, ...rates });
  const wallet = createWallet(scales, () => rates);
  return {
    credit: (account: number, asset: "base" | "quote", amount: string) => {
      wallet.free(account)[asset] += toMinor(amount, market[asset]);
    },
    free: (account: number) => {
      const { base, quote } = wallet.free(account);
      return `${fromMinor(base, market.base)} ${fromMinor(quote, market.quote)}`;
    },
    held: (order: string) => {
      const { taken, used, released } = wallet.holds.get(order.padStart(32, "0"))!;
      return fromMinor(taken - used - released, market.quote);
    },
    fees: () => fromMinor(wallet.feesMinor, market.quote),
    total: () => totalOf(wallet, [1, 2]),
    tell: (line: string) => {
      const answer = runFunded(wallet, toCommand(`${line} tier=2`), cases.apply);
      checkHolds(wallet);
      return answer.refusal ?? "";
    },
  };
}

describe.each(books)("money on the $name book", ({ createBook }) => {
  const ethBtc = { scales: { baseScale: 100_000n, quoteScale: 10n }, base: 6, quote: 8 };
  const btcLtc = {
    scales: { baseScale: 1_000_000n, quoteScale: 10_000n },
    base: 8,
    quote: 8,
    rates: { taker: { ppm: 0, perLot: 1900 }, maker: { ppm: 0, perLot: 700 } },
  };

  test("M29 an order needs all of its money, to the last unit", () => {
    const market = openFunded(createBook(), ethBtc);
    market.credit(1, "quote", "0.02");
    expect(market.tell("u1 a BUY 7@30000")).toBe("INSUFFICIENT_FUNDS");
    market.credit(1, "quote", "0.001");
    expect(market.tell("u1 b BUY 7@30000")).toBe("");
    expect(market.free(1)).toBe("0.000000 0.00000000");
    expect(market.tell("u1 c BUY 7@30000")).toBe("INSUFFICIENT_FUNDS");
    market.credit(2, "base", "0.699999");
    expect(market.tell("u2 d SELL 7@30000 IOC")).toBe("INSUFFICIENT_FUNDS");
    market.credit(2, "base", "0.000001");
    expect(market.tell("u2 e SELL 7@30000 IOC")).toBe("");
    expect(market.free(1)).toBe("0.700000 0.00000000");
    expect(market.free(2)).toBe("0.000000 0.02100000");
  });

  test("M30 the reserve price bounds the moves of a buy, and its rest comes back", () => {
    const market = openFunded(createBook(), ethBtc);
    market.credit(1, "base", "100");
    expect(market.tell("u1 a SELL 1001@30000")).toBe("INSUFFICIENT_FUNDS");
    expect(market.tell("u1 b SELL 1000@30000")).toBe("");
    for (const price of [40_000, 20_000]) {
      expect(market.tell(`u1 amend b price=${price}`)).toBe("");
      expect(market.free(1)).toBe("0.000000 0.00000000");
    }
    market.credit(2, "quote", "0.94");
    expect(market.tell("u2 c BUY 500@18000 reserve=19000")).toBe("INSUFFICIENT_FUNDS");
    expect(market.tell("u2 d BUY 500@18000 reserve=18500")).toBe("");
    expect(market.free(2)).toBe("0.000000 0.01500000");
    expect(market.tell("u2 amend d price=15000")).toBe("");
    expect(market.tell("u2 amend d price=18501")).toBe("PRICE_OVER_RISK_LIMIT");
    expect(market.tell("u2 amend d price=18500")).toBe("");
    expect(market.tell("u2 amend d price=17500")).toBe("");
    expect(market.free(2)).toBe("0.000000 0.01500000");
    expect(market.tell("u1 amend b price=16900")).toBe("");
    expect(market.free(2)).toBe("50.000000 0.06500000");
    expect(market.free(1)).toBe("0.000000 0.87500000");
    expect(market.tell("u1 cancel b")).toBe("");
    expect(market.free(1)).toBe("50.000000 0.87500000");
  });

  test("M31 (a) a buy holds its highest fee, and gets it back", () => {
    const market = openFunded(createBook(), btcLtc);
    market.credit(1, "quote", "34.20000000");
    expect(market.tell("u1 a BUY 30@11400")).toBe("INSUFFICIENT_FUNDS");
    market.credit(1, "quote", "0.00056999");
    expect(market.tell("u1 b BUY 30@11400")).toBe("INSUFFICIENT_FUNDS");
    market.credit(1, "quote", "0.00000001");
    expect(market.tell("u1 c BUY 30@11400")).toBe("");
    expect(market.free(1)).toBe("0.00000000 0.00000000");
    market.tell("u1 cancel c");
    expect(market.free(1)).toBe("0.00000000 34.20057000");
    expect(market.fees()).toBe("0.00000000");
  });

  const openSum2000 = () => {
    const market = openFunded(createBook(), btcLtc);
    market.credit(1, "quote", "2000");
    market.credit(2, "base", "20");
    market.tell("u1 bid BUY 1731@11500 reserve=11553");
    return market;
  };

  test("M31 (b) a fill frees what the price and the maker's fee leave of the hold", () => {
    const market = openSum2000();
    expect(market.held("626964")).toBe("1999.85718900");
    market.tell("u2 x SELL 2000@11493 IOC");
    expect(market.free(1)).toBe("17.31000000 9.33788300");
    expect(market.free(2)).toBe("2.69000000 1990.61711100");
    expect(market.fees()).toBe("0.04500600");
    expect(market.total()).toEqual({ base: 2_000_000_000n, quote: 200_000_000_000n });
  });

  test("M31 (c) a partial fill frees its part", () => {
    const market = openSum2000();
    market.tell("u2 x SELL 1000@11493 IOC");
    expect(market.free(1)).toBe("10.00000000 5.45481100");
    expect(market.held("626964")).toBe("844.53818900");
    expect(market.free(2)).toBe("10.00000000 1149.98100000");
    expect(market.fees()).toBe("0.02600000");
  });

  test("ledger L18 the parts of a trade with a maker's and a taker's fee", () => {
    const rates = { maker: { ppm: 500, perLot: 0 }, taker: { ppm: 1000, perLot: 0 } };
    const scales = { baseScale: 1_000_000n, quoteScale: 10_000n }; // lot 0.01 BTC, tick 1 USDT
    const cases = createCaseBook(createBook());
    cases.apply({ kind: "TIER", tier: 2, ...rates });
    cases.apply("u2 ask SELL 20@59900 tier=2");
    const bid = toCommand("u1 bid BUY 50@60000 tier=2");
    expect(bid.kind === "PLACE" && holdMinor(bid, rates, scales)).toBe(30_030_000_000n);
    const { events } = cases.apply(bid);
    const trade = events.find((event): event is TradeEvent => event.kind === "TRADE")!;
    expect(tradeMoney(trade, () => rates, scales)).toEqual({
      quoteMinor: 11_980_000_000n,
      baseMinor: 20_000_000n,
      buyerFeeMinor: 11_980_000n,
      sellerFeeMinor: 5_990_000n,
      freedMinor: 20_020_000n,
    });
  });
});

test("M31 (d) the fees of many fills are rounded up once", () => {
  const rates = { maker: { ppm: 0, perLot: 0 }, taker: { ppm: 1500, perLot: 0 } };
  let fills = noFills;
  const fees = [1, 2, 3].map(() => {
    const before = feeMinor(fills, rates, 1n);
    fills = addFill(fills, { lots: 1, price: 333, isTaker: true });
    return feeMinor(fills, rates, 1n) - before;
  });
  expect(fees).toEqual([1n, 0n, 1n]);
});
