import { Code, ConnectError } from "@connectrpc/connect";
import { setTimeout as sleep } from "node:timers/promises";
import { MarketAdminService } from "#gen/mizan/matching/v1/market_admin_service_pb.ts";
import { Market_State } from "#gen/mizan/matching/v1/market_pb.ts";
import { OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { newId } from "#mesh/ids.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { inside } from "../../scripts/platform/inside.ts";
import { openStream, type OrderStream } from "./stream.ts";
import { ASSETS, drawOrder, MARKET, type Trader } from "./traders.ts";

/** Places so many orders in a message, on the streams in turn; returns their number. */
type Streams = AsyncDisposable & { readonly placeMany: (count: number) => Promise<number> };

/** The ways in which orders are placed: with a call each, and in messages of a stream. */
export type Exchange = Disposable & {
  /** Places one order of any trader; returns 1, or 0 when there was no answer in time. */
  readonly place: () => Promise<number>;
  /** How many calls had no answer in time since this was asked last. */
  readonly unanswered: () => number;
  /** Who has placed orders since this was asked last. */
  readonly placers: () => readonly Trader[];
  /** Opens the streams of some traders, for less than the age of a connection. */
  readonly openStreams: (count: number) => Streams;
};

/** Where services listen, and the certificates that they know. */
type Wired = Pick<DevFile, "certs" | "grpc">;

/** Lists the market as an administrator, wide enough for every order of the bench. */
export async function listMarket(dev: Wired, admin: string): Promise<void> {
  using operator = inside(dev, "operator", admin);
  const markets = operator.of(MarketAdminService);
  const [baseAsset, quoteAsset] = ASSETS;
  await markets.createMarket({
    requestId: newId(),
    baseAsset,
    quoteAsset,
    tickSize: "0.0001",
    lotSize: "0.01",
    rules: {
      makerFee: { ppm: 1000 },
      takerFee: { ppm: 1000 },
      listingPrice: "1",
      maxOpenOrders: 1_000_000,
      priceBandPpm: 500_000,
    },
  });
  const state = Market_State.TRADING;
  await markets.setMarketState({ requestId: newId(), market: MARKET, state });
}

/** Lets traders place orders with whoever takes them in a stack. */
export function openExchange(dev: Wired, traders: readonly Trader[]): Exchange {
  const operator = inside(dev, "operator");
  const orders = operator.of(OrderService);
  let placers = new Set<Trader>();
  let unanswered = 0;
  const place = async () => {
    const trader = traders[Math.floor(Math.random() * traders.length)]!;
    placers.add(trader);
    const { headers } = trader;
    const request = { requestId: newId(), order: drawOrder() };
    try {
      await insist(async () => orders.placeOrder(request, { headers }));
      return 1;
    } catch (error) {
      const lost = [Code.DeadlineExceeded, Code.Unavailable];
      if (!(error instanceof ConnectError) || !lost.includes(error.code)) throw error;
      unanswered += 1;
      return 0;
    }
  };
  const openStreams = (count: number): Streams => {
    const opened = new AsyncDisposableStack();
    const some = traders.slice(0, count);
    for (const trader of some) placers.add(trader);
    const free: OrderStream[] = some.map((each) => opened.use(openStream(orders, each)));
    const placeMany = async (orderCount: number) => {
      const stream = free.shift()!;
      free.push(stream);
      return stream.place(orderCount);
    };
    return { placeMany, [Symbol.asyncDispose]: async () => opened.disposeAsync() };
  };
  return {
    place,
    openStreams,
    unanswered: () => {
      const some = unanswered;
      unanswered = 0;
      return some;
    },
    placers: () => {
      const some = [...placers];
      placers = new Set();
      return some;
    },
    [Symbol.dispose]: () => operator[Symbol.dispose](),
  };
}

/** Ends all orders of some, for the next run to begin with an empty book. */
export async function cancelAll(dev: Wired, traders: readonly Trader[]): Promise<void> {
  using operator = inside(dev, "operator");
  const orders = operator.of(OrderService);
  const left = traders.values();
  const cancelRest = async () => {
    for (const { headers } of left) {
      const request = { requestId: newId(), market: MARKET };
      await insist(async () => orders.cancelAllOrders(request, { headers }));
    }
  };
  await Promise.all(Array.from({ length: CANCELS_AT_ONCE }, cancelRest));
}

const CANCELS_AT_ONCE = 8;

/** Calls again what was refused for overload, with the same key, as a client has to. */
async function insist<R>(call: () => Promise<R>): Promise<R> {
  for (let left = 100; ; left -= 1) {
    try {
      return await call();
    } catch (error) {
      const isRefused = error instanceof ConnectError && error.code === Code.ResourceExhausted;
      if (!isRefused || left === 0) throw error;
      await sleep(50 + Math.random() * 100);
    }
  }
}
