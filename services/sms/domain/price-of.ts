import type { Encoding, Lane } from "./message.ts";
import type { Rate, RateCard } from "./rate-card.ts";

/** What the price of a message depends on. */
export type Priced = {
  /** The receiver in E.164. */
  readonly number: string;
  readonly operator: string;
  readonly lineClass: string;
  readonly lane: Lane;
  readonly encoding: Encoding;
  readonly segments: number;
};

/** The price of a message, in minor units (RATE-4); undefined when no rate fits: NO_RATE. */
export function priceOf(
  card: RateCard,
  message: Priced,
): { readonly unitPrice: bigint; readonly price: bigint } | undefined {
  const rate = card.rates.find((each) => fits(each, message));
  if (rate === undefined) return undefined;
  return { unitPrice: rate.unitPrice, price: rate.unitPrice * BigInt(message.segments) };
}

function fits(rate: Rate, message: Priced): boolean {
  return (
    (rate.prefix === undefined || message.number.startsWith(rate.prefix)) &&
    (rate.operator === undefined || rate.operator === message.operator) &&
    (rate.lineClass === undefined || rate.lineClass === message.lineClass) &&
    (rate.lane === undefined || rate.lane === message.lane) &&
    (rate.encoding === undefined || rate.encoding === message.encoding)
  );
}
