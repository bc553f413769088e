import { setTimeout as delay } from "node:timers/promises";
import { Notification_Type } from "#gen/mizan/core/v1/notification_pb.ts";
import { CandleInterval } from "#gen/mizan/matching/v1/candle_pb.ts";
import {
  type Order,
  Order_State as State,
  OrderType,
  Side,
} from "#gen/mizan/matching/v1/order_pb.ts";
import type {
  NewOrderSchema,
  PlaceOrderResponse,
} from "#gen/mizan/matching/v1/order_service_pb.ts";
import { Trigger_Condition } from "#gen/mizan/matching/v1/trigger_pb.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { withCommas } from "../amounts.ts";
import { refusalOf } from "../charges.ts";
import type { Actor, Stage, Step } from "../stage.ts";
import { bookTable, fillText, orderText } from "./book.ts";
import { MARKET, priceNear } from "./market.ts";
import { settled } from "./wallets.ts";

/** Offers of both stand in the book, and their money is held. */
export const makeBook: Step = {
  title: "Emil offers coins at two prices, and Dana bids below them",
  about: "trading",
  async act(stage) {
    const { dana, emil } = stage;
    const [low, ask, high] = await Promise.all([-10, 10, 20].map((n) => priceNear(stage, n)));
    await place(stage, emil, "ask", { side: Side.SELL, price: ask!, size: "10", postOnly: true });
    await place(stage, emil, "ask-2", { side: Side.SELL, price: high!, size: "5" });
    await place(stage, dana, "bid", { side: Side.BUY, price: low!, size: "2" });
    return bookTable(dana);
  },
};

/** A limit order takes from two levels. */
export const takeBook: Step = {
  title: "Dana buys 12 at up to Emil's second price: best price first, at the maker's price",
  about: "trading",
  async act(stage) {
    const price = (await bestAsks(stage)).at(1)?.price ?? (await priceNear(stage, 20));
    const asked = { side: Side.BUY, price, size: "12" };
    const { order, fills } = await place(stage, stage.dana, "buy", asked);
    const again = await place(stage, stage.dana, "buy", asked);
    if (again.order?.id !== order?.id) throw new Error("The same request made a second order.");
    await settled(stage);
    return [
      orderText(order!),
      ...fills.map(fillText),
      `the same request again: the same order ${again.order!.id}`,
      ...(await bookTable(stage.dana)),
    ];
  },
};

/** A market order by what it may cost. */
export const spend: Step = {
  title: "Dana spends 100,000 IRR at the prices of the book",
  about: "trading",
  async act(stage) {
    const asked = { side: Side.BUY, type: OrderType.MARKET, quoteSize: "100000" };
    const { order, fills } = await place(stage, stage.dana, "spend", asked);
    await settled(stage);
    const cost = `for ${withCommas(order!.filledQuote)} IRR and ${withCommas(order!.fee)} IRR of fees`;
    return [orderText(order!), ...fills.map(fillText), cost];
  },
};

/** What does not go is refused, and changes nothing. */
export const refuseOrders: Step = {
  title: "Orders that don't go are refused, each for its reason, and the book stays",
  about: "trading",
  async act(stage) {
    const { dana, emil } = stage;
    const price = await priceNear(stage, 0);
    const ask = (await bestAsks(stage))[0]?.price ?? price;
    const wrong: [string, Asked][] = [
      ["a price between two ticks", { side: Side.BUY, price: `${price}.5`, size: "1" }],
      ["a size between two lots", { side: Side.BUY, price, size: "0.0001" }],
      ["more than Dana has", { side: Side.BUY, price, size: "1000" }],
      ["a tiny order", { side: Side.BUY, price, size: "0.001" }],
      ["post-only across the book", { side: Side.BUY, price: ask, size: "1", postOnly: true }],
    ];
    const told: string[] = [];
    for (const [what, asked] of wrong) {
      const { reason } = await refusalOf(place(stage, dana, what, asked));
      told.push(`${what}: refused with ${reason}`);
    }
    const { orders } = await emil.calls.orders.listOrders({ pageSize: 1 });
    const foreign = dana.calls.orders.cancelOrder({ orderId: orders[0]!.id });
    const { reason } = await refusalOf(foreign);
    return [...told, `Dana cancels an order of Emil's: refused with ${reason}`];
  },
};

/** A trigger waits outside of the book, without money, and fires once. */
export const fireTrigger: Step = {
  title: "Emil has a coin sold once the price is reached; Dana's next trade does it",
  about: "trading",
  async act(stage) {
    const { dana, emil } = stage;
    const ask = (await bestAsks(stage))[0]!.price;
    const low = await priceNear(stage, -10);
    const { trigger } = await emil.calls.triggers.createTrigger({
      requestId: `trigger-${stage.run}`,
      market: MARKET,
      condition: Trigger_Condition.ABOVE,
      price: ask,
      order: { market: MARKET, side: Side.SELL, price: low, size: "1" },
    });
    await place(stage, dana, "set-off", { side: Side.BUY, price: ask, size: "0.5" });
    const text = await notified(emil);
    const fired = await emil.calls.triggers.getTrigger({ triggerId: trigger!.id });
    const { order } = await emil.calls.orders.getOrder({ orderId: fired.trigger!.orderId });
    await settled(stage);
    return [
      `the trigger ${trigger!.id} waits for ${withCommas(ask)}`,
      `Emil is told: ${text}`,
      orderText(order!),
    ];
  },
};

/** What was traded is there for everybody to see, and what is open is given back. */
export const lookBack: Step = {
  title: "Everybody sees candles and trades; both cancel what is still open",
  about: "trading",
  async act(stage) {
    const { dana, emil } = stage;
    const market = MARKET;
    const interval = CandleInterval.CANDLE_INTERVAL_1M;
    const { candles } = await dana.calls.markets.listCandles({ market, interval, pageSize: 1 });
    const { trades } = await dana.calls.markets.listTrades({ market, pageSize: 3 });
    const counts = [];
    for (const one of [dana, emil]) {
      const requestId = `clear-${one.name}-${stage.run}`;
      const { cancelledCount } = await one.calls.orders.cancelAllOrders({ requestId, market });
      counts.push(`${one.name} cancels ${cancelledCount}`);
    }
    await settled(stage);
    const [candle] = candles;
    const prices = [candle?.open, candle?.high, candle?.low, candle?.close].map((price) =>
      withCommas(price ?? "0"),
    );
    return [
      `the candle of the minute: ${prices.join(", ")}; ${candle?.volume} traded in ${candle?.tradeCount}`,
      ...trades.map(({ id, size, price }) => `  trade ${id}: ${size} @ ${withCommas(price)}`),
      counts.join(", "),
    ];
  },
};

type Asked = MessageInitShape<typeof NewOrderSchema>;

/** Places an order on the market of the demo, under a key of this run. */
async function place(
  { run }: Stage,
  { calls }: Actor,
  key: string,
  asked: Asked,
): Promise<PlaceOrderResponse> {
  const requestId = `order-${key.replaceAll(" ", "-")}-${run}`;
  const response = await calls.orders.placeOrder({
    requestId,
    order: { ...asked, market: MARKET },
  });
  const order: Order | undefined = response.order;
  if (order === undefined || order.state === State.UNSPECIFIED) {
    throw new Error("PlaceOrder answered without an order.");
  }
  return response;
}

async function bestAsks({ dana }: Stage) {
  return (await dana.calls.markets.getOrderBook({ market: MARKET, depth: 5 })).asks;
}

/** What somebody is told of a trigger of theirs, as soon as they are. */
async function notified({ name, calls }: Actor): Promise<string> {
  const endMs = performance.now() + WAIT_MS;
  for (;;) {
    const { notifications } = await calls.notifications.listNotifications({});
    const found = notifications.find(({ type }) => type === Notification_Type.TRIGGER_FIRED);
    if (found !== undefined) return found.text;
    if (performance.now() > endMs) throw new Error(`${name} was told of no trigger.`);
    await delay(50);
  }
}

const WAIT_MS = 15_000;
