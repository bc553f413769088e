import type { NaiveOrder, NaiveState } from "./naive-state.ts";
import { addFill, usedMinor } from "./money.ts";

/** The most lots, up to a number, that an order by amount can trade at a price (section 2). */
export function lotsWithin(
  state: NaiveState,
  taker: NaiveOrder,
  price: number,
  most: number,
): number {
  let [fits, limit] = [0, most];
  while (fits < limit) {
    const middle = fits + Math.ceil((limit - fits) / 2);
    if (fitsAmount(state, taker, price, middle)) fits = middle;
    else limit = middle - 1;
  }
  return fits;
}

/** Whether cost and fee of a buy, or the proceeds of a sell, stay within the amount. */
function fitsAmount(state: NaiveState, taker: NaiveOrder, price: number, lots: number): boolean {
  const { terms, market } = taker;
  const rates = state.tiers.get(terms.tier)!;
  const scales = { baseScale: 0n, quoteScale: BigInt(market.rules.quoteScale) };
  const fills = addFill(taker, { lots, price, isTaker: true });
  const proceeds = BigInt(fills.filledUnits) * scales.quoteScale;
  const used = usedMinor({ ...fills, side: "BUY" }, rates, scales);
  return (terms.side === "BUY" ? used : proceeds) <= terms.quoteMinor;
}
