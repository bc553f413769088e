import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { checksumText } from "./checksum.ts";
import { toLots, toStep, toTicks } from "./units.ts";

const tick = toStep("0.00005")!;
const lot = toStep("0.00000500")!;

test("matching M33 the vector of Kraken has its checksum", () => {
  const level = (price: string) => ({
    price: toTicks(price, tick)!,
    lots: toLots("0.00000500", lot)!,
  });
  const asks = Array.from({ length: 10 }, (_, n) => level(`0.0${5005 + 5 * n}`));
  const bids = ["5000", "4995", "4990", "4980", "4975", "4970", "4965", "4960", "4955", "4950"];
  const text = checksumText(
    [...asks, level("0.09000")],
    bids.map((price) => level(`0.0${price}`)),
    { tick, lot },
  );
  expect(text.startsWith("50055005010500")).toBe(true);
  expect(crc32(text)).toBe(974947235);
});

test("fewer levels count as they are, and quantities beyond 2^53 have all their digits", () => {
  expect(checksumText([], [], { tick, lot })).toBe("");
  const most = { price: 1, lots: Number.MAX_SAFE_INTEGER };
  expect(checksumText([], [most], { tick, lot })).toBe(`5${BigInt(most.lots) * 500n}`);
});
