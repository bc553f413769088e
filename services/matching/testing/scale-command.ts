import type { AmendCommand, Command, MarketRules, NewOrder } from "../domain/command.ts";

/** How many times as large all quantities and all prices are to be. */
export type Scale = { readonly lots: number; readonly price: number };

/** The same command with larger quantities and prices; bounds of a market stay exact. */
export function scaleCommand(command: Command, by: Scale): Command {
  switch (command.kind) {
    case "PLACE":
    case "REPLACE": {
      const positionLots = command.positionLots * by.lots;
      return { ...command, ...scaleOrder(command, by), positionLots };
    }
    case "OCO": {
      const positionLots = command.positionLots * by.lots;
      const legs = { limit: scaleOrder(command.limit, by), stop: scaleOrder(command.stop, by) };
      return { ...command, ...legs, positionLots };
    }
    case "REDUCE":
      return { ...command, lots: command.lots * by.lots };
    case "AMEND":
      return { ...command, ...scalePrices(command, by), ...scaleSize(command, by) };
    case "MARKET":
      return { ...command, rules: scaleRules(command.rules, by) };
    default:
      return command;
  }
}

function scaleSize({ lots, extraHold }: Pick<AmendCommand, "lots" | "extraHold">, by: Scale) {
  return {
    lots: lots * by.lots,
    extraHold: extraHold * BigInt(by.lots) * BigInt(by.price),
  };
}

type Prices = Pick<NewOrder, "price" | "reservePrice" | "stopPrice">;

function scalePrices({ price, reservePrice, stopPrice }: Prices, by: Scale): Prices {
  return {
    price: price * by.price,
    reservePrice: reservePrice * by.price,
    stopPrice: stopPrice * by.price,
  };
}

function scaleOrder(order: NewOrder, by: Scale): NewOrder {
  return {
    ...order,
    ...scalePrices(order, by),
    lots: order.lots * by.lots,
    visibleLots: order.visibleLots * by.lots,
    limitUnits: order.limitUnits * by.lots * by.price,
    quoteMinor: order.quoteMinor * BigInt(by.lots) * BigInt(by.price),
  };
}

function scaleRules(rules: MarketRules, by: Scale): MarketRules {
  const scaled = (names: readonly (keyof MarketRules)[], times: number) =>
    names.map((name) => {
      return [name, Math.min(Number(rules[name]) * times, Number.MAX_SAFE_INTEGER)] as const;
    });
  const pairs = [
    ...scaled(["minLots", "maxLots", "marketMinLots", "marketMaxLots"], by.lots),
    ...scaled(["maxPositionLots"], by.lots),
    ...scaled(["minPrice", "maxPrice", "listingPrice"], by.price),
    ...scaled(["minNotional", "maxNotional"], by.lots * by.price),
  ];
  return { ...rules, ...Object.fromEntries(pairs) };
}
