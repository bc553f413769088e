import { expect, test } from "vitest";
import { rateCardOf } from "./rate-card.ts";

const cardOf = (...rates: unknown[]) => rateCardOf({ version: 1, asset: "IRR", rates }, 2);

test("a card holds its prices in minor units, the more special before the more general", () => {
  const rates = [
    { price: "1000" },
    { encoding: "UCS2", price: "0.5" },
    { lane: "EXPRESS", price: "1500.25" },
    { lineClass: "SERVICE", price: "3" },
    { operator: "MCI", price: "4" },
    { prefix: "+98", price: "5" },
    { prefix: "+98912", encoding: "GSM7", price: "6" },
    { prefix: "+98912", lane: "BULK", price: "0" },
  ];
  expect(rateCardOf({ version: 7, asset: "IRR", rates }, 2)).toEqual({
    version: 7,
    asset: "IRR",
    rates: [
      { prefix: "+98912", lane: "BULK", unitPrice: 0n },
      { prefix: "+98912", encoding: "GSM7", unitPrice: 600n },
      { prefix: "+98", unitPrice: 500n },
      { operator: "MCI", unitPrice: 400n },
      { lineClass: "SERVICE", unitPrice: 300n },
      { lane: "EXPRESS", unitPrice: 150_025n },
      { encoding: "UCS2", unitPrice: 50n },
      { unitPrice: 100_000n },
    ],
  });
});

test.each([
  [null, "the card has to be an object"],
  [[], "the card has to be an object"],
  [{ asset: "IRR", rates: [] }, "version has to be a whole number"],
  [{ version: 1.5, asset: "IRR", rates: [] }, "version has to be a whole number"],
  [{ version: 1, asset: "", rates: [] }, "asset has to be the name of an asset"],
  [{ version: 1, asset: "IRR" }, "rates has to be a list"],
  [
    { version: 1, asset: "IRR", rates: Array.from({ length: 1001 }, () => ({})) },
    "rates has to be a list of up to 1000",
  ],
  [{ version: 1, asset: "IRR", rates: [], extra: 1 }, "the card.extra has to be one of version"],
])("%j is no card", (json, message) => {
  expect(() => rateCardOf(json, 2)).toThrow(message);
});

test.each([
  ["1000", "rates[1] has to be an object"],
  [{}, "rates[1].price has to be a decimal number in a string"],
  [{ price: 1000 }, "rates[1].price has to be a decimal"],
  [{ price: "-1" }, "rates[1].price has to be a decimal"],
  [{ price: "1e3" }, "rates[1].price has to be a decimal"],
  [{ price: "1", prefix: "98912" }, "rates[1].prefix has to be the beginning of a number"],
  [{ price: "1", operator: "mci" }, "rates[1].operator has to be a name in capitals"],
  [{ price: "1", lineClass: "" }, "rates[1].lineClass has to be a name in capitals"],
  [{ price: "1", lane: "FAST" }, "rates[1].lane has to be EXPRESS or BULK"],
  [{ price: "1", encoding: "LATIN1" }, "rates[1].encoding has to be GSM7 or UCS2"],
  [{ price: "1", encoding: null }, "rates[1].encoding has to be GSM7 or UCS2"],
  [{ price: "1", linClass: "SERVICE" }, "rates[1].linClass has to be one of"],
  [{ price: "1", prefix: "+98", operator: "MCI" }, "rates[1] has to be for a prefix or for an"],
  [{ price: "2" }, "rates[1] has to be for other than what rates[0] is"],
])("%j is no rate", (rate, message) => {
  expect(() => cardOf({ price: "1" }, rate)).toThrow(message);
});

test("a price finer than the smallest unit is refused, not rounded", () => {
  expect(() => cardOf({ price: "0.001" })).toThrow("0.001");
});
