import type { MarketRules, NewOrder, OcoCommand } from "./command.ts";
import { hasLimit, isResting, isStop } from "./naive-terms.ts";

/** Whether the parts of an order go together (section 2), and it has not ended by its time yet. */
export function isValidOrder(terms: NewOrder, rules: MarketRules, atMs: number): boolean {
  return (
    isPair(terms) &&
    !(terms.timeInForce === "GTD" && terms.expireMs <= atMs) &&
    isBuyCovered(terms) &&
    isIcebergWhole(terms, rules) &&
    (terms.quoteMinor === 0n || !hasLimit(terms)) &&
    (terms.limitUnits === 0 || terms.timeInForce === "FOK") &&
    (!terms.isPostOnly || (terms.type === "LIMIT" && isResting(terms)))
  );
}

/** Whether two orders may be the legs of an OCO: a limit and a stop of one quantity. */
export function isValidOco({ limit, stop }: OcoCommand): boolean {
  return (
    limit.type === "LIMIT" &&
    isResting(limit) &&
    isStop(stop) &&
    limit.side === stop.side &&
    limit.lots === stop.lots &&
    limit.tier === stop.tier &&
    stop.quoteMinor === 0n
  );
}

/** How many parts an iceberg shows one after another. */
function isIcebergWhole(terms: NewOrder, rules: MarketRules): boolean {
  const { visibleLots, lots } = terms;
  if (visibleLots === 0) return true;
  if (terms.type !== "LIMIT" || !isResting(terms) || visibleLots > lots) return false;
  return Math.ceil(lots / visibleLots) <= rules.maxIcebergParts;
}

function isPair(terms: NewOrder): boolean {
  if (terms.type === "LIMIT") return true;
  return terms.type === "MARKET" ? terms.timeInForce === "IOC" : isResting(terms);
}

/** A buy holds for its limit at least; without one it says for how much (FUND-2). */
function isBuyCovered(terms: NewOrder): boolean {
  if (terms.side === "SELL" || terms.quoteMinor > 0n) return true;
  return terms.reservePrice > 0 && terms.reservePrice >= terms.price;
}
