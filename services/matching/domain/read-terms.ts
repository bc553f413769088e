import { toMinor } from "#mesh/money.ts";
import { fail } from "../errors.ts";
import { STP_MODES } from "./codes.ts";
import type { Fee, MarketRules } from "./command.ts";
import type { MarketTerms } from "./listed-market.ts";
import type { FeeText, MarketText, SizeText } from "./market-text.ts";
import { MAX_TICKS, type MarketUnits, toLots, toTicks } from "./units.ts";

type Sizes = { readonly min: number; readonly max: number; readonly step: number };

/**
 * Reads what a market is to accept and charge. The largest price times the largest size has to be
 * one that the engine can count (UNIT-3), whatever fills there are. Throws INVALID_RULES.
 */
export function readTerms(text: MarketText, units: MarketUnits, quoteScale: number): MarketTerms {
  const price = (name: PriceName, usual: number) =>
    text[name] === "" ? usual : ticks(text, name, units);
  const listingPrice = price("listingPrice", 0);
  const maxPrice = price("maxPrice", usualMaxPrice(listingPrice));
  const mostLots = Math.floor(Number.MAX_SAFE_INTEGER / Math.max(maxPrice, 1));
  const size = sizes(text.size, units, { min: 1, max: mostLots, step: 1 }, "size");
  const market = sizes(text.marketSize, units, size, "market_size");
  const notional = (name: "minNotional" | "maxNotional", usual: number, up: boolean) =>
    text[name] === "" ? usual : unitsOf(text[name], name, { units, quoteScale, up });
  const rules: MarketRules = {
    quoteScale,
    minPrice: price("minPrice", 1),
    maxPrice,
    minLots: size.min,
    maxLots: size.max,
    stepLots: size.step,
    marketMinLots: market.min,
    marketMaxLots: market.max,
    marketStepLots: market.step,
    minNotional: notional("minNotional", 0, true),
    maxNotional: notional("maxNotional", Number.MAX_SAFE_INTEGER, false),
    percentLowPpm: text.percentPriceLowPpm || 700_000,
    percentHighPpm: text.percentPriceHighPpm || 1_300_000,
    priceBandPpm: text.priceBandPpm || 100_000,
    listingPrice,
    maxOpenOrders: text.maxOpenOrders || 200,
    maxStopOrders: text.maxStopOrders || 20,
    maxPositionLots: text.maxPosition === "" ? 0 : lots(text.maxPosition, units, "max_position"),
    maxAmends: text.maxAmendments || 100,
    maxIcebergParts: text.maxIcebergParts || 100,
    stpModes: text.stpModes.length === 0 ? STP_MODES : text.stpModes,
  };
  const [maker, taker] = [fee(text.makerFee, units), fee(text.takerFee, units)];
  const defaultStp = text.defaultStp ?? usualStp(rules);
  const terms = { rules, maker, taker, defaultStp };
  const problem = problemOf(terms);
  if (problem !== undefined) throw fail("INVALID_RULES", { problem });
  return terms;
}

type PriceName = "minPrice" | "maxPrice" | "listingPrice";

const fields = { minPrice: "min_price", maxPrice: "max_price", listingPrice: "listing_price" };

/** Far above what it is listed at, but not so far that only small orders could be counted. */
function usualMaxPrice(listingPrice: number): number {
  return Math.min(listingPrice * 1000, MAX_TICKS - 1);
}

function usualStp({ stpModes }: MarketRules) {
  return stpModes.includes("EXPIRE_TAKER") ? "EXPIRE_TAKER" : stpModes[0]!;
}

function problemOf({ rules, defaultStp }: MarketTerms): string | undefined {
  const problems: readonly (readonly [boolean, string])[] = [
    [rules.listingPrice < 1, "the listing_price has to be given"],
    [rules.minPrice < 1, "the min_price has to be more than 0"],
    [rules.maxPrice >= MAX_TICKS, "the max_price has too many ticks"],
    [rules.minPrice > rules.maxPrice, "the min_price is more than the max_price"],
    [
      rules.listingPrice < rules.minPrice || rules.listingPrice > rules.maxPrice,
      "the listing_price is not between min_price and max_price",
    ],
    [rules.minLots > rules.maxLots, "the min of size is more than its max"],
    [rules.marketMinLots > rules.marketMaxLots, "the min of market_size is more than its max"],
    [
      Math.max(rules.maxLots, rules.marketMaxLots) > Number.MAX_SAFE_INTEGER / rules.maxPrice,
      "the max_price times the max of size is more ticks times lots than can be counted",
    ],
    [rules.minNotional > rules.maxNotional, "the min_notional is more than the max_notional"],
    [rules.percentLowPpm > 1_000_000, "the percent_price_low_ppm is more than 1,000,000"],
    [rules.percentHighPpm < 1_000_000, "the percent_price_high_ppm is less than 1,000,000"],
    [
      !rules.stpModes.includes(defaultStp),
      "the default_self_trade_prevention is none of self_trade_preventions",
    ],
  ];
  return problems.find(([isSo]) => isSo)?.[1];
}

function ticks(text: MarketText, name: PriceName, { tick }: MarketUnits): number {
  const value = toTicks(text[name], tick);
  if (value !== undefined) return value;
  throw fail("INVALID_RULES", { problem: `the ${fields[name]} is no whole number of ticks` });
}

function lots(text: string, { lot }: MarketUnits, name: string): number {
  const value = toLots(text, lot);
  if (value !== undefined && value > 0) return value;
  throw fail("INVALID_RULES", { problem: `the ${name} is no whole number of lots` });
}

/** The bounds of sizes; a part that is left out is the usual one. */
function sizes(text: SizeText | undefined, units: MarketUnits, usual: Sizes, name: string): Sizes {
  const part = (key: keyof SizeText) =>
    text === undefined || text[key] === ""
      ? usual[key]
      : lots(text[key], units, `${key} of ${name}`);
  return { min: part("min"), max: part("max"), step: part("step") };
}

/** A bound of price times size, in ticks times lots. */
function unitsOf(
  text: string,
  name: string,
  { units, quoteScale, up }: { units: MarketUnits; quoteScale: number; up: boolean },
): number {
  const scale = BigInt(quoteScale);
  const minor = amount(text, units, name);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  const whole = (minor + (up ? scale - 1n : 0n)) / scale;
  return Number(whole < most ? whole : most);
}

function fee(text: FeeText | undefined, units: MarketUnits): Fee {
  const { ppm = 0, perLot = "" } = text ?? {};
  const minor = perLot === "" ? 0n : amount(perLot, units, "per_lot of a fee");
  if (minor <= BigInt(Number.MAX_SAFE_INTEGER)) return { ppm, perLot: Number(minor) };
  throw fail("INVALID_RULES", { problem: "the per_lot of a fee is too much" });
}

function amount(text: string, { quoteDecimals }: MarketUnits, name: string): bigint {
  try {
    return toMinor(text, quoteDecimals);
  } catch {
    throw fail("INVALID_RULES", { problem: `the ${name} is no amount of the quote asset` });
  }
}
