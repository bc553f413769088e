import type { Side } from "./command.ts";
import { type ListedMarket, ratesOf } from "./listed-market.ts";
import { holdMinor } from "./money.ts";

/** What an order gives, in minor units of the asset, at a limit price in ticks. */
export type Given = { readonly side: Side; readonly minor: bigint; readonly price: number };

/**
 * The most whole lots that an order can have with what it gives: those that a sell sells, or those
 * whose cost and fee a buy can hold for (FUND-2). More than a market takes is told as one more.
 */
export function lotsFor(market: ListedMarket, { side, minor, price }: Given): number {
  const { scales, terms } = market;
  const order = { side, reservePrice: price, quoteMinor: 0n };
  const fits = (lots: number) => holdMinor({ ...order, lots }, ratesOf(market), scales) <= minor;
  let [least, most] = [0, Math.min(terms.rules.maxLots + 1, Number.MAX_SAFE_INTEGER)];
  while (least < most) {
    const middle = least + Math.ceil((most - least) / 2);
    if (fits(middle)) least = middle;
    else most = middle - 1;
  }
  return least;
}
