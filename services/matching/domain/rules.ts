import { STP_MODES } from "./codes.ts";
import type { MarketRules } from "./command.ts";

/** The rules that are numbers, in the order in which records and books have them. */
const names = [
  "quoteScale",
  "minPrice",
  "maxPrice",
  "minLots",
  "maxLots",
  "stepLots",
  "marketMinLots",
  "marketMaxLots",
  "marketStepLots",
  "minNotional",
  "maxNotional",
  "percentLowPpm",
  "percentHighPpm",
  "priceBandPpm",
  "listingPrice",
  "maxOpenOrders",
  "maxStopOrders",
  "maxPositionLots",
  "maxAmends",
  "maxIcebergParts",
] as const satisfies (keyof MarketRules)[];

// Places in that list.
export const QUOTE_SCALE = 0;
export const MIN_PRICE = 1;
export const MAX_PRICE = 2;
/** The least, the most and the step, of orders with a limit and then of those without. */
export const MIN_LOTS = 3;
export const MARKET_MIN_LOTS = 6;
export const MIN_NOTIONAL = 9;
export const MAX_NOTIONAL = 10;
export const PERCENT_LOW_PPM = 11;
export const PERCENT_HIGH_PPM = 12;
export const PRICE_BAND_PPM = 13;
export const LISTING_PRICE = 14;
export const MAX_OPEN_ORDERS = 15;
export const MAX_STOP_ORDERS = 16;
export const MAX_POSITION_LOTS = 17;
export const MAX_AMENDS = 18;
export const MAX_ICEBERG_PARTS = 19;
export const RULES_COUNT = 20;

/** The rules that are numbers. */
export function rulesToNumbers(rules: MarketRules): number[] {
  return names.map((name) => rules[name]);
}

/** The allowed modes as bits: mode n of STP_MODES is 1 << n. */
export function stpModesToBits(rules: MarketRules): number {
  return rules.stpModes.reduce((bits, mode) => bits | (1 << STP_MODES.indexOf(mode)), 0);
}

/** The rules whose numbers and modes they are. */
export function rulesFromNumbers(numbers: Float64Array, stpBits: number): MarketRules {
  const pairs = names.map((name, place) => [name, numbers[place]!] as const);
  return {
    ...(Object.fromEntries(pairs) as Record<(typeof names)[number], number>),
    stpModes: STP_MODES.filter((_, mode) => (stpBits & (1 << mode)) !== 0),
  };
}
