import type {
  NewOrder,
  OrderType,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from "../domain/command.ts";
import type { Random } from "./flow-random.ts";
import { randomTiers } from "./random-tiers.ts";

/** Prices are below, but for few. */
export const HIGHEST = 40;

/** A price of some 13 to 23 mostly: of a side, one that rests more often than not. */
export function drawPrice(random: Random, side?: Side): number {
  const dice = random.int(40);
  if (dice === 0) return random.int(3);
  if (dice === 1) return HIGHEST + random.int(20);
  const price = 13 + random.int(6) + random.int(6);
  if (side === undefined || random.int(3) === 0) return price;
  return side === "BUY" ? price - 3 : price + 3;
}

/** A new order of a time with most of what orders may say, not all of which goes together. */
export function drawOrder(random: Random, order: string, atMs: number): NewOrder {
  const side: Side = random.int(2) === 0 ? "BUY" : "SELL";
  const type = drawType(random);
  const isStop = type.startsWith("STOP") || type.startsWith("TAKE");
  const hasLimit = type.includes("LIMIT");
  const timeInForce = drawTimeInForce(random, type);
  const isQuote = !hasLimit && random.int(3) === 0;
  const price = hasLimit ? drawPrice(random, side) : drawProtective(random, type, side);
  const above = random.int(20) === 0 ? -1 : random.int(4);
  const isCovered = side === "BUY" && (!isStop || random.int(20) > 0);
  return {
    order,
    side,
    type,
    timeInForce,
    price,
    lots: random.int(50) === 0 ? random.int(4) * 200 : 1 + random.int(random.int(3) === 0 ? 40 : 9),
    reservePrice: isCovered ? reserveOf(random, price, above) : 0,
    quoteMinor: isQuote || random.int(150) === 0 ? BigInt(1 + random.int(4000)) : 0n,
    limitUnits: timeInForce === "FOK" && random.int(2) === 0 ? 1 + random.int(300) : 0,
    stopPrice: isStop ? drawPrice(random) : 0,
    isPostOnly: random.int(type === "LIMIT" ? 8 : 60) === 0,
    stp: pick(random, modes),
    tier: 1 + random.int(randomTiers.length),
    expireMs: timeInForce === "GTD" ? atMs + 10_000 * random.int(12) : 0,
    visibleLots: drawVisible(random, type, timeInForce),
    clientKey: random.int(4) === 0 ? drawKey(random) : "",
  };
}

/** When random flows begin, in milliseconds since 1970. */
export const START_MS = 1_800_000_000_000;

function reserveOf(random: Random, price: number, above: number): number {
  return price > 0 && random.int(3) > 0 ? Math.max(1, price + above) : HIGHEST + 20;
}

function drawProtective(random: Random, type: OrderType, side: Side): number {
  if (type !== "MARKET") return 0;
  if (random.int(3) === 0) return drawPrice(random);
  return side === "BUY" ? HIGHEST : 1;
}

function drawType(random: Random): OrderType {
  const dice = random.int(20);
  if (dice < 12) return "LIMIT";
  if (dice < 14) return "MARKET";
  return pick(random, ["STOP", "STOP_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"]);
}

function drawTimeInForce(random: Random, type: OrderType): TimeInForce {
  if (random.int(60) === 0) return pick(random, ["GTC", "GTD", "IOC", "FOK"]);
  if (type === "MARKET") return "IOC";
  if (type !== "LIMIT") return pick(random, ["GTC", "GTC", "GTD"]);
  return pick(random, ["GTC", "GTC", "GTC", "GTC", "GTC", "GTD", "GTD", "IOC", "FOK"]);
}

function drawVisible(random: Random, type: OrderType, timeInForce: TimeInForce): number {
  const isLikely = type === "LIMIT" && timeInForce.startsWith("GT");
  return random.int(isLikely ? 6 : 100) === 0 ? 1 + random.int(5) : 0;
}

/** The modes, as often as they are drawn. */
export const modes: readonly SelfTradePrevention[] = [
  "NONE",
  "NONE",
  "EXPIRE_TAKER",
  "EXPIRE_MAKER",
  "EXPIRE_BOTH",
  "DECREMENT",
];

/** One of a list. */
export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.int(from.length)]!;
}

/** One of a few keys, which differ in their first half or in their second one. */
function drawKey(random: Random): string {
  const digit = random.int(6).toString(16);
  return random.int(2) === 0 ? digit.padStart(16, "a") : digit.padEnd(16, "a");
}
