import { fromSteps, type Step } from "./units.ts";

/** What of a level its checksum covers. */
type Level = { readonly price: number; readonly lots: number };

/**
 * The text whose CRC-32 is the checksum of a book (FEED-4): of the ten best asks from low to high,
 * then of the ten best bids from high to low, price and quantity as decimals of the market without
 * point and leading zeros.
 */
export function checksumText(
  asks: readonly Level[],
  bids: readonly Level[],
  { tick, lot }: { readonly tick: Step; readonly lot: Step },
): string {
  let text = "";
  for (const side of [asks, bids]) {
    for (const { price, lots } of side.slice(0, CHECKED_LEVELS)) {
      text += digitsOf(price, tick) + digitsOf(lots, lot);
    }
  }
  return text;
}

/** How many levels of a side the checksum covers. */
export const CHECKED_LEVELS = 10;

function digitsOf(count: number, step: Step): string {
  const number = count * Number(step.coefficient);
  if (Number.isSafeInteger(number)) return String(number);
  return fromSteps(count, { ...step, decimals: 0 });
}
