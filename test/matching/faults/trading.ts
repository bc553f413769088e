import { hexOf } from "#mesh/ids.ts";
import type { Random } from "../../kill/random.ts";
import { eventually } from "../../processes.ts";
import type { Answer, Json } from "../../withdrawals/http.ts";
import type { Told } from "./check.ts";
import { decimal, markets, refusalOf, type Trader, type Traders } from "./traders.ts";

/** An order that was live when somebody was told of it, and the place of its market. */
type Live = { readonly id: string; readonly market: number };

/** A request that somebody makes until it is decided. */
type Asked = { readonly method: string; readonly body: object };

/** People who trade one request after the other, each, until they are stopped. */
export type Trading = {
  /** What went wrong of requests that were repeated until they should be decided. */
  readonly problems: readonly string[];
  /** Waits until so many more requests are decided. */
  readonly more: (count: number) => Promise<void>;
  /** Waits until nobody is asking for anything, and keeps it so. */
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  /** Ends it, asks for some orders once more, and returns what users were told. */
  readonly stop: () => Promise<Told[]>;
};

/** Has everybody trade at random: orders of all kinds, changes and cancellations. */
export function startTrading(traders: Traders, random: Random): Trading {
  const told: Told[] = [];
  const asked = new Map<Told, Asked>();
  const over = new AbortController();
  let [busy, gate] = [0, Promise.withResolvers<void>()];
  gate.resolve();
  const trade = async (trader: Trader) => {
    const live: Live[] = [];
    while (!over.signal.aborted) {
      await gate.promise;
      busy += 1;
      const one = draw(random, live);
      const key = crypto.randomUUID();
      const answer = await traders.order(trader, one.method, one.body, key);
      const shown = toTold(trader, { ...one, key }, answer);
      told.push(shown);
      asked.set(shown, one);
      live.push(...liveIn(answer.json));
      if (live.length > MAX_LIVE) live.splice(0, live.length - MAX_LIVE);
      busy -= 1;
    }
  };
  const problems: string[] = [];
  const keepTrading = async (trader: Trader): Promise<void> =>
    trade(trader).catch(async (error: unknown) => {
      problems.push((error as Error).message);
      busy -= 1;
      return keepTrading(trader);
    });
  const trading = Promise.all(traders.all.map(keepTrading));
  return {
    problems,
    more: async (count) => {
      const least = told.length + count;
      await eventually(`${count} more requests`, () => told.length >= least, MORE_MS);
    },
    pause: async () => {
      gate = Promise.withResolvers();
      await eventually("nobody asks for anything", () => busy === 0, MORE_MS);
    },
    resume: () => gate.resolve(),
    stop: async () => {
      over.abort();
      await trading;
      const placed = told.filter(({ method, refusal }) => method === "PlaceOrder" && !refusal);
      const again = new Map<Told, Told>();
      for (const one of random.shuffled(placed).slice(0, ASKED_AGAIN)) {
        const trader = traders.all.find(({ id }) => id === one.owner)!;
        const { method, body } = asked.get(one)!;
        const answer = await traders.order(trader, method, body, one.key);
        again.set(one, { ...one, again: toTold(trader, { method, key: one.key }, answer).orders });
      }
      return told.map((one) => again.get(one) ?? one);
    },
  };
}

/** What somebody wants next; most of it near the middle, so that it is traded. */
function draw(random: Random, live: readonly Live[]): Asked {
  const dice = random.below(100);
  const market = random.below(markets.length);
  if (dice < 62 || live.length === 0) {
    return { method: "PlaceOrder", body: { order: drawOrder(random, market, dice) } };
  }
  if (dice < 67) {
    const side = random.pick(["SIDE_BUY", "SIDE_SELL"]);
    const [limit, stop] = drawPair(random, market, side);
    return { method: "PlaceLinkedOrders", body: { limit, stop } };
  }
  const target = random.pick(live);
  const { tick, lot, middle } = markets[target.market]!;
  const orderId = target.id;
  if (dice < 82) return { method: "CancelOrder", body: { orderId } };
  if (dice < 87)
    return { method: "ReduceOrder", body: { orderId, size: decimal(1 + random.below(5), lot) } };
  if (dice < 90) {
    const order = drawOrder(random, target.market, 0);
    return { method: "ReplaceOrder", body: { orderId, order } };
  }
  const price = decimal(middle + random.below(21) - 10, tick);
  const size = decimal(1 + random.below(60), lot);
  const body = random.pick([
    { size },
    { price, reservePrice: decimal(middle + 20, tick) },
    { price },
  ]);
  return { method: "AmendOrder", body: { orderId, ...body } };
}

function drawOrder(random: Random, at: number, dice: number): Json {
  const { symbol, tick, lot, middle } = markets[at]!;
  const isBuy = random.below(2) === 0;
  const order = { market: symbol, side: isBuy ? "SIDE_BUY" : "SIDE_SELL" };
  const size = decimal(1 + random.below(40), lot);
  const away = random.below(12) - 3;
  const price = decimal(middle + (isBuy ? -away : away), tick);
  if (dice >= 58) return { ...order, type: "ORDER_TYPE_MARKET", size };
  if (dice >= 54) {
    const stopPrice = decimal(middle + (isBuy ? 3 : -3), tick);
    const reservePrice = decimal(middle + 40, tick);
    const stop = { ...order, type: "ORDER_TYPE_STOP", size, stopPrice };
    return isBuy ? { ...stop, reservePrice } : stop;
  }
  if (dice >= 48) return { ...order, price, size, timeInForce: "TIME_IN_FORCE_IOC" };
  if (dice >= 44) return { ...order, price, size, timeInForce: "TIME_IN_FORCE_FOK" };
  if (dice >= 40) return { ...order, price, size, postOnly: true };
  if (dice >= 36 && isBuy) {
    return { ...order, price, size, reservePrice: decimal(middle + 20, tick) };
  }
  return { ...order, price, size };
}

function drawPair(random: Random, at: number, side: string): [Json, Json] {
  const { symbol: market, tick, lot, middle } = markets[at]!;
  const size = decimal(1 + random.below(20), lot);
  const sign = side === "SIDE_BUY" ? 1 : -1;
  const limit = { market, side, size, price: decimal(middle - sign * 4, tick) };
  const stop = {
    market,
    side,
    size,
    type: "ORDER_TYPE_STOP_LIMIT",
    stopPrice: decimal(middle + sign * 4, tick),
    price: decimal(middle + sign * 6, tick),
  };
  return [limit, stop];
}

function toTold(
  { id: owner }: Trader,
  { method, key }: { readonly method: string; readonly key: string },
  answer: Answer,
): Told {
  const refusal = refusalOf(answer);
  const { json } = answer;
  const fills = (json["fills"] as Json[] | undefined) ?? [];
  return {
    owner,
    method,
    key,
    ...(refusal !== undefined && { refusal }),
    orders: refusal === undefined ? ordersIn(json).map(({ id }) => hexOf(id as string)) : [],
    trades: fills.map(({ market, tradeId }) => `${market} ${tradeId}`),
  };
}

function ordersIn(json: Json): Json[] {
  return ["order", "limit", "stop"].flatMap((name) => (json[name] as Json | undefined) ?? []);
}

function liveIn(json: Json): Live[] {
  const live = ordersIn(json).filter(({ state }) => liveStates.has(state as string));
  return live.map((order) => {
    const market = markets.findIndex(({ symbol }) => symbol === order["market"]);
    return { id: order["id"] as string, market };
  });
}

const liveStates = new Set(
  ["NEW", "PARTIALLY_FILLED", "PENDING_TRIGGER"].map((it) => `STATE_${it}`),
);

/** Asks for a few orders of somebody, each once, whatever becomes of it. */
export function abandonOrders({ http, all: [trader] }: Traders, random: Random): void {
  const ask = async (body: object) => {
    const sent = { body, as: await trader!.token(), key: crypto.randomUUID() };
    await http("/mizan.matching.v1.OrderService/PlaceOrder", sent).catch(() => undefined);
  };
  for (let count = 0; count < ABANDONED; count++) {
    const market = random.below(markets.length);
    void ask({ order: drawOrder(random, market, 0) });
  }
}

const ABANDONED = 4;
/** How long it may take until people are served again, whatever was killed. */
const MORE_MS = 60_000;
/** How many of the own orders somebody keeps in mind. */
const MAX_LIVE = 30;
const ASKED_AGAIN = 40;
