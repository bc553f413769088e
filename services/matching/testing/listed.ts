import type { ListedMarket } from "../domain/listed-market.ts";
import { toScales, toStep } from "../domain/units.ts";

/** A market with steps of cents and of ten-thousandths, as the feeds and their tests need it. */
export function listed(no: number, symbol: string): ListedMarket {
  const [base = "", quote = ""] = symbol.split("-");
  const units = {
    tick: toStep("0.01")!,
    lot: toStep("0.0001")!,
    baseDecimals: 8,
    quoteDecimals: 8,
  };
  return {
    no,
    symbol,
    base,
    quote,
    units,
    scales: toScales(units)!,
    terms: {} as ListedMarket["terms"],
    state: "TRADING",
    createdMs: 0,
    updatedMs: 0,
  };
}
