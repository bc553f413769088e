import { STP_MODES } from "./codes.ts";
import type { MarketRules } from "./command.ts";
import { type CommandRecord, PRICE, RULES } from "./command-record.ts";

/** The rules that are numbers, in the order in which records have them. */
const numbers = [
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

/** Writes a market's rules into the record of a MARKET command. */
export function writeRules(rules: MarketRules, { words, reals }: CommandRecord): void {
  words[PRICE] = rules.stpModes.reduce((modes, mode) => modes | (1 << STP_MODES.indexOf(mode)), 0);
  for (const [place, name] of numbers.entries()) reals[RULES + place] = rules[name];
}

/** Reads a market's rules from the record of a MARKET command. */
export function readRules({ words, reals }: CommandRecord): MarketRules {
  const read = numbers.map((name, place) => [name, reals[RULES + place]!] as const);
  return {
    ...(Object.fromEntries(read) as Record<(typeof numbers)[number], number>),
    stpModes: STP_MODES.filter((_, mode) => (words[PRICE]! & (1 << mode)) !== 0),
  };
}
