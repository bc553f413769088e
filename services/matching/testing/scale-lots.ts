import type { Command, MarketRules, NewOrder } from "../domain/command.ts";

/** The same command with all quantities that many times as large, as far as they stay exact. */
export function scaleLots(command: Command, by: number): Command {
  if (by === 1) return command;
  switch (command.kind) {
    case "PLACE":
    case "REPLACE":
      return {
        ...command,
        ...scaleOrder(command, by),
        positionLots: command.positionLots * by,
      };
    case "OCO": {
      const positionLots = command.positionLots * by;
      const legs = { limit: scaleOrder(command.limit, by), stop: scaleOrder(command.stop, by) };
      return { ...command, ...legs, positionLots };
    }
    case "REDUCE":
    case "AMEND":
      return { ...command, lots: command.lots * by };
    case "MARKET":
      return { ...command, rules: scaleRules(command.rules, by) };
    default:
      return command;
  }
}

function scaleOrder(order: NewOrder, by: number): NewOrder {
  return {
    ...order,
    lots: order.lots * by,
    visibleLots: order.visibleLots * by,
    limitUnits: order.limitUnits * by,
    quoteMinor: order.quoteMinor * BigInt(by),
  };
}

function scaleRules(rules: MarketRules, by: number): MarketRules {
  const scaled = (name: keyof MarketRules) =>
    Math.min(Number(rules[name]) * by, Number.MAX_SAFE_INTEGER);
  return {
    ...rules,
    minLots: scaled("minLots"),
    maxLots: scaled("maxLots"),
    marketMinLots: scaled("marketMinLots"),
    marketMaxLots: scaled("marketMaxLots"),
    minNotional: scaled("minNotional"),
    maxNotional: scaled("maxNotional"),
    maxPositionLots: scaled("maxPositionLots"),
  };
}
