import type { MarketRules } from "#gen/mizan/matching/v1/market_pb.ts";
import type { MarketText } from "../domain/market-text.ts";
import { fromStp } from "./order-words.ts";

/** What an administrator says of a market, in words. */
export function toMarketText(rules: MarketRules): MarketText {
  return {
    ...rules,
    stpModes: rules.selfTradePreventions.flatMap((stp) => fromStp(stp) ?? []),
    defaultStp: fromStp(rules.defaultSelfTradePrevention),
  };
}
