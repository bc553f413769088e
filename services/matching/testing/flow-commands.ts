import type { Command, MarketRules, NewOrder } from "../domain/command.ts";
import type { Flow, FlowStep } from "./flow.ts";

/** The commands before any flow: accounts, a tier of fees, and an open market for each flow. */
export function flowSetUp(users: number, flows: readonly Pick<Flow, "price">[]): Command[] {
  const accounts = Array.from({ length: users }, (_, user): Command => {
    const account = user + 1;
    return { kind: "ACCOUNT", account, owner: flowId(account, 0), group: account };
  });
  return [
    ...accounts,
    { kind: "TIER", tier: 1, maker: { ppm: 1000, perLot: 0 }, taker: { ppm: 1500, perLot: 0 } },
    ...flows.flatMap(({ price }, index): Command[] => [
      { kind: "MARKET", market: index + 1, rules: { ...WIDE_RULES, listingPrice: price } },
      { kind: "STATE", market: index + 1, state: "TRADING" },
    ]),
  ];
}

/** The command of a step; its account is the step's user and one. */
export function toCommand(step: FlowStep, market = 1): Command {
  const [account, order] = [step.user + 1, flowId(step.order, market)];
  if (step.kind === "CANCEL") return { kind: "CANCEL", market, account, order };
  if (step.kind === "REDUCE") return { kind: "REDUCE", market, account, order, lots: step.lots };
  if (step.kind === "MOVE") {
    const { price } = step;
    const unchanged = { lots: 0, reservePrice: 0, stopPrice: 0 };
    const extra = { holdStep: 0, extraHold: 0n };
    return { kind: "AMEND", market, account, order, price, ...unchanged, ...extra };
  }
  const place = { kind: "PLACE" as const, market, account, session: 0, positionLots: 0 };
  return { ...place, ...toNewOrder(step, order) };
}

/**
 * The id of a market's order: another one for each pair of numbers, and as far apart from others in
 * a table as real ones are.
 */
export function flowId(number: number, market: number): string {
  const both = Math.imul(number, 0x9e3779b1) + Math.imul(market, 0x85ebca6b);
  return [both, number, ~market, both ^ 0x5bd1e995].map(hashOf).join("");
}

/** Different numbers have different hashes. */
function hashOf(number: number): string {
  let hash = Math.imul(number ^ (number >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return ((hash ^ (hash >>> 15)) >>> 0).toString(16).padStart(8, "0");
}

function toNewOrder(step: FlowStep, order: string): NewOrder {
  return {
    order,
    side: step.isBuy ? "BUY" : "SELL",
    type: "LIMIT",
    timeInForce: step.kind as "GTC" | "IOC" | "FOK",
    price: step.price,
    lots: step.lots,
    reservePrice: step.isBuy ? RESERVE_PRICE : 0,
    quoteMinor: 0n,
    limitUnits: step.limitUnits,
    stopPrice: 0,
    isPostOnly: false,
    stp: "NONE",
    tier: 1,
    expireMs: 0,
    visibleLots: 0,
    clientKey: "",
  };
}

/** Above every price that a flow moves an order to. */
const RESERVE_PRICE = 20_000_000;

/** Rules that refuse nothing of a flow, with the price that it begins at. */
export const WIDE_RULES: MarketRules = {
  quoteScale: 1,
  minPrice: 1,
  maxPrice: 2 ** 31 - 1,
  minLots: 1,
  maxLots: 2 ** 40,
  stepLots: 1,
  marketMinLots: 1,
  marketMaxLots: 2 ** 40,
  marketStepLots: 1,
  minNotional: 0,
  maxNotional: Number.MAX_SAFE_INTEGER,
  percentLowPpm: 0,
  percentHighPpm: 900_000_000,
  priceBandPpm: 1_000_000,
  listingPrice: 1,
  maxOpenOrders: 2 ** 30,
  maxStopOrders: 2 ** 30,
  maxPositionLots: 0,
  maxAmends: 2 ** 30,
  maxIcebergParts: 100,
  stpModes: ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"],
};
