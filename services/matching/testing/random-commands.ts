import type { Command, MarketState, NewOrder } from "../domain/command.ts";
import { wideRules } from "./case-book.ts";
import { createRandom, type Random } from "./flow-random.ts";
import { HIGHEST, drawOrder, drawPrice, modes, pick, START_MS } from "./random-order.ts";
import { randomTiers } from "./random-tiers.ts";
import { type Scale, scaleCommand } from "./scale-command.ts";

/** A command, and how long after the one before it comes. */
export type TimedCommand = { readonly command: Command; readonly afterMs: number };

/** What a random flow is like. */
export type RandomOptions = {
  readonly seed: number;
  readonly count: number;
  /** Whether to leave out what has no hold of its own market: other markets and wrong orders. */
  readonly isFunded?: boolean;
};

/**
 * Commands of all kinds on two small markets with narrow rules, so that most of what can happen
 * does: the same for the same seed. The first ones make accounts, tiers and markets known.
 */
export function randomCommands(options: RandomOptions): TimedCommand[] {
  const random = createRandom(options.seed);
  const isFunded = options.isFunded ?? false;
  const flow: Flow = { random, orders: [], isFunded, nextOrder: 0, atMs: START_MS };
  const scale = isFunded ? scales[0]! : pick(random, scales);
  const first = setUp(flow).map((command) => ({
    command: scaleCommand(command, scale),
    afterMs: 0,
  }));
  const rest = Array.from({ length: options.count }, () => {
    const isLong = random.int(400) === 0;
    const shortMs = random.int(6) === 0 ? random.int(4000) : random.int(3);
    const afterMs = isLong ? 90_000_000 : shortMs;
    flow.atMs += afterMs;
    return { command: scaleCommand(draw(flow), scale), afterMs };
  });
  return [...first, ...rest];
}

/** Small numbers, sums beyond 2^53 of products below it, and prices far apart up to 2^31. */
const scales: readonly Scale[] = [
  { lots: 1, price: 1 },
  { lots: 1, price: 1 },
  { lots: 1, price: 1 },
  { lots: 900_000_000_000, price: 1 },
  { lots: 1, price: 25_000_003 },
  { lots: 7, price: 4_099 },
];

type Placed = { readonly order: string; readonly account: number; readonly market: number };

type Flow = {
  readonly random: Random;
  readonly orders: Placed[];
  readonly isFunded: boolean;
  nextOrder: number;
  /** When the next command comes, in milliseconds since 1970. */
  atMs: number;
};

const ACCOUNTS = 4;

function setUp(flow: Flow): Command[] {
  const accounts = Array.from({ length: ACCOUNTS }, (_, index): Command => {
    const account = index + 1;
    const owner = account.toString(16).padStart(32, "0");
    return { kind: "ACCOUNT", account, owner, group: Math.min(account, 3) };
  });
  const tiers = randomTiers.map(({ maker, taker }, index): Command => {
    return { kind: "TIER", tier: index + 1, maker, taker };
  });
  const markets = flow.isFunded ? [1] : [1, 2];
  return [
    ...accounts,
    ...tiers,
    ...markets.flatMap((market) => [
      drawRules(flow, market),
      { kind: "STATE" as const, market, state: "TRADING" as const },
    ]),
  ];
}

function draw(flow: Flow): Command {
  const { random } = flow;
  const dice = random.int(100);
  if (dice < 52) return { kind: "PLACE", ...drawPlace(flow) };
  if (dice < 56) return drawOco(flow);
  const target = drawTarget(flow);
  if (dice < 62) return { kind: "CANCEL", ...target };
  if (dice < 67) return { kind: "REDUCE", ...target, lots: random.int(12) - 1 };
  if (dice < 84) return { kind: "AMEND", ...target, ...drawAmendment(flow) };
  if (dice < 88) {
    const { market, account, order } = target;
    return { kind: "REPLACE", ...drawPlace(flow), market, account, replaced: order };
  }
  return drawRare(flow, target);
}

function drawRare(flow: Flow, target: Placed): Command {
  const { random } = flow;
  const dice = random.int(20);
  if (dice < 4) return { kind: "EXPIRE" };
  if (dice < 6) {
    const [market, session] = [random.int(2) * target.market, random.int(3)];
    return { kind: "CANCEL_ALL", market, account: target.account, session };
  }
  if (dice < 7) return drawRules(flow, 1 + random.int(flow.isFunded ? 1 : 2));
  if (dice < 8) {
    const account = 1 + random.int(ACCOUNTS);
    const owner = account.toString(16).padStart(32, "0");
    return { kind: "ACCOUNT", account, owner, group: 1 + random.int(ACCOUNTS) };
  }
  const isCalm = random.int(8) > 0;
  const states: MarketState[] = ["PRE_OPEN", "CANCEL_ONLY", "HALT", "TRADING"];
  return { kind: "STATE", market: target.market, state: isCalm ? "TRADING" : pick(random, states) };
}

/** An order that was placed, mostly; now and then one of another account or of none. */
function drawTarget(flow: Flow): Placed {
  const { random, orders } = flow;
  const dice = random.int(30);
  const recent = orders[Math.max(0, orders.length - 1 - random.int(random.int(3) > 0 ? 6 : 30))];
  const target = recent ?? { order: idOf(999_999), account: 1, market: 1 };
  if (dice === 0) return { ...target, account: 1 + random.int(ACCOUNTS) };
  if (dice === 1 && !flow.isFunded) return { ...target, market: 1 + random.int(3) };
  return target;
}

function drawPlace(flow: Flow) {
  const { random } = flow;
  const account = 1 + random.int(ACCOUNTS);
  const farthest = flow.isFunded || random.int(60) > 0 ? 2 : 3; // a market that is not there
  const market = flow.isFunded ? 1 : 1 + random.int(farthest);
  const around = { market, account, session: random.int(3), positionLots: random.int(10) };
  const order = drawOrder(random, nextId(flow), flow.atMs);
  remember(flow, order, around);
  return { ...around, ...order };
}

function drawOco(flow: Flow): Command {
  const { random } = flow;
  const { market, account, session, positionLots, ...first } = drawPlace(flow);
  const second = drawOrder(random, nextId(flow), flow.atMs);
  remember(flow, { ...second, timeInForce: "GTC" }, { account, market });
  const type = pick(random, ["STOP", "STOP_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"] as const);
  const isWrong = !flow.isFunded && random.int(15) === 0;
  const isBuy = first.side === "BUY";
  const limit: NewOrder = { ...asLimit(first), quoteMinor: 0n };
  const stop: NewOrder = {
    ...second,
    type,
    timeInForce: "GTC",
    expireMs: 0,
    side: isWrong ? second.side : first.side,
    lots: isWrong ? second.lots : first.lots,
    tier: first.tier,
    price: type.endsWith("LIMIT") ? drawPrice(random, first.side) : 0,
    stopPrice: drawPrice(random),
    reservePrice: isBuy ? HIGHEST - random.int(10) : 0,
    ...plain,
  };
  return { kind: "OCO", market, account, session, positionLots, limit, stop };
}

const plain = { quoteMinor: 0n, limitUnits: 0, isPostOnly: false, visibleLots: 0 };

function asLimit(order: NewOrder): NewOrder {
  const isGtd = order.expireMs > 0;
  const price = order.price || 15;
  const reservePrice = order.side === "BUY" ? Math.max(order.reservePrice, price) : 0;
  const timeInForce = isGtd ? "GTD" : "GTC";
  return { ...order, type: "LIMIT", timeInForce, price, reservePrice, stopPrice: 0, limitUnits: 0 };
}

function drawAmendment({ random }: Flow) {
  const isWanted = (chance: number) => random.int(chance) === 0;
  const holdStep = random.int(3);
  return {
    price: isWanted(2) ? drawPrice(random) : 0,
    lots: isWanted(3) ? 1 + random.int(20) : 0,
    reservePrice: isWanted(6) ? drawPrice(random) + random.int(20) : 0,
    stopPrice: isWanted(6) ? drawPrice(random) : 0,
    holdStep,
    extraHold: holdStep === 0 ? 0n : BigInt(random.int(pick(random, [10, 100, 2000, 100_000]))),
  };
}

/** Rules that sometimes refuse, with prices of some 15 to 25. */
function drawRules({ random, isFunded }: Flow, market: number): Command {
  const isNarrow = random.int(3) === 0;
  const step = random.int(15) === 0 ? 2 : 1;
  const rules = {
    ...wideRules,
    quoteScale: isFunded ? 7 : 1 + random.int(9),
    maxPrice: HIGHEST + 5,
    minPrice: random.int(3),
    minLots: step * (1 + random.int(2)),
    maxLots: step * 300,
    stepLots: step,
    marketMinLots: step,
    marketMaxLots: step * 250,
    marketStepLots: step,
    minNotional: isNarrow ? 30 : 0,
    maxNotional: isNarrow ? 900 : 100_000,
    percentLowPpm: isNarrow ? 700_000 : 100_000,
    percentHighPpm: isNarrow ? 1_300_000 : 5_000_000,
    priceBandPpm: random.int(2) === 0 ? 150_000 : 1_000_000,
    listingPrice: 18 + random.int(3),
    maxOpenOrders: isNarrow ? 5 : 1000,
    maxStopOrders: isNarrow ? 2 : 1000,
    maxPositionLots: isNarrow ? 60 : 0,
    maxAmends: isNarrow ? 2 : 1000,
    maxIcebergParts: 10,
    stpModes: random.int(4) === 0 ? modes.slice(1, 5) : modes.slice(1),
  };
  return { kind: "MARKET", market, rules };
}

/** Keeps the id of an order that may rest or wait, for commands to come. */
function remember(flow: Flow, order: NewOrder, by: Omit<Placed, "order">): void {
  const { account, market } = by;
  if (order.timeInForce.startsWith("GT")) flow.orders.push({ order: order.order, account, market });
}

/** A new id mostly; now and then one that was used. */
function nextId(flow: Flow): string {
  const isRepeat = !flow.isFunded && flow.random.int(60) === 0;
  const repeated = isRepeat ? flow.orders.at(-1 - flow.random.int(6)) : undefined;
  return repeated?.order ?? idOf(flow.nextOrder++);
}

function idOf(number: number): string {
  return (BigInt(number + 1) * 0x9e37_79b9_7f4a_7c15n).toString(16).padStart(32, "0");
}
