import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { operatorOf } from "./operator.ts";
import { priceOf } from "./price-of.ts";
import { rateCardOf } from "./rate-card.ts";
import { segment } from "./segment.ts";

const cardOf = (...rates: object[]) => rateCardOf({ version: 1, asset: "IRR", rates }, 2);
const message = {
  number: "+989123456789",
  operator: "MCI",
  lineClass: "SERVICE",
  lane: "BULK",
  encoding: "GSM7",
  segments: 1,
} as const;
const first = cardOf({ price: "1000" }, { lane: "EXPRESS", price: "1500" });

describe("priceOf()", () => {
  test.each([
    ["BULK", 1, 100_000n],
    ["BULK", 3, 300_000n],
    ["EXPRESS", 1, 150_000n],
    ["EXPRESS", 10, 1_500_000n],
  ] as const)(
    "the first card takes for %s and %i segments %i (RATE-1)",
    (lane, segments, price) => {
      const unitPrice = price / BigInt(segments);
      for (const encoding of ["GSM7", "UCS2"] as const) {
        for (const operator of ["MCI", ""]) {
          const priced = { ...message, lane, segments, encoding, operator };
          expect(priceOf(first, priced)).toEqual({ unitPrice, price });
        }
      }
    },
  );

  test.each([
    ["hello", 23_000n],
    ["سلام", 10_000n],
    ["س".repeat(135), 30_000n],
  ])("Latin 230, Persian 100: %j costs %i (M4)", (text, price) => {
    const card = cardOf({ encoding: "GSM7", price: "230" }, { encoding: "UCS2", price: "100" });
    const { encoding, parts } = segment(text);
    const priced = priceOf(card, { ...message, encoding, segments: parts.length });
    expect(priced?.price).toBe(price);
  });

  test.each([
    ["+989121234567", 4n],
    ["+989131234567", 3n],
    ["+989351234567", 2n],
    ["+989201234567", 1n],
  ])(
    "%s costs %i: the longest prefix, then the operator, then the default (RATE-3)",
    (number, price) => {
      const card = cardOf(
        { price: "0.01" },
        { operator: "IRANCELL", price: "0.02" },
        { operator: "MCI", price: "0.05" }, // all of its prefixes here have a price of their own
        { prefix: "+9891", price: "0.03" },
        { prefix: "+98912", price: "0.04" },
      );
      expect(priceOf(card, { ...message, number, operator: operatorOf(number) })?.price).toBe(
        price,
      );
    },
  );

  test("a longer prefix that does not fit the rest leaves it to the next (RATE-3)", () => {
    const card = cardOf(
      { prefix: "+98912", lane: "EXPRESS", price: "3" },
      { prefix: "+989", encoding: "UCS2", price: "2" },
      { operator: "MCI", price: "1" },
    );
    expect(priceOf(card, message)?.price).toBe(100n);
    expect(priceOf(card, { ...message, encoding: "UCS2" })?.price).toBe(200n);
    expect(priceOf(card, { ...message, encoding: "UCS2", lane: "EXPRESS" })?.price).toBe(300n);
  });

  test.each([
    { prefix: "+98935", price: "1" },
    { operator: "IRANCELL", price: "1" },
    { lineClass: "PROMOTIONAL", price: "1" },
    { lane: "EXPRESS", price: "1" },
    { encoding: "UCS2", price: "1" },
  ])("a card with nothing but %j has no rate for another message (RATE-3)", (rate) => {
    expect(priceOf(cardOf(rate), message)).toBeUndefined();
  });

  test("a price of zero is a price", () => {
    expect(priceOf(cardOf({ price: "0" }), message)).toEqual({ unitPrice: 0n, price: 0n });
  });

  test("the order in which a card was written changes no price", () => {
    const optional = (name: string, ...values: string[]) =>
      fc.constantFrom({}, ...values.map((value) => ({ [name]: value })));
    const key = fc
      .tuple(
        fc.oneof(optional("prefix", "+98", "+989", "+98912"), optional("operator", "MCI", "MTCE")),
        optional("lineClass", "SERVICE", "PROMOTIONAL"),
        optional("lane", "BULK", "EXPRESS"),
        optional("encoding", "GSM7", "UCS2"),
      )
      .map((fields): object => Object.assign({}, ...fields));
    const keys = fc.uniqueArray(key, { maxLength: 12, selector: (each) => JSON.stringify(each) });
    const property = fc.property(keys, (each) => {
      const rates = each.map((rate, index) => ({ ...rate, price: String(index) }));
      const price = priceOf(cardOf(...rates), message);
      expect(priceOf(cardOf(...rates.toReversed()), message)).toEqual(price);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
