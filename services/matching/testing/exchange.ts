import type { MessageInitShape } from "@bufbuild/protobuf";
import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { type CallOptions, type Client, ConnectError } from "@connectrpc/connect";
import { MarketAdminService } from "#gen/mizan/matching/v1/market_admin_service_pb.ts";
import { Market_State, type MarketRulesSchema } from "#gen/mizan/matching/v1/market_pb.ts";
import { Order_State, OrderType, Side, TimeInForce } from "#gen/mizan/matching/v1/order_pb.ts";
import { type NewOrder, OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import type { ServedMatching } from "./serve-matching.ts";

/** The wires on which people place orders: outside over HTTP, and as the operator over gRPC. */
export type Wire = "HTTP" | "gRPC";

/** What an order says; the rest is left out. */
export type Asked = Partial<Omit<NewOrder, "$typeName" | "$unknown">>;

/** A market of a test with assets of its own. */
export type TestMarket = { readonly symbol: string; readonly base: string; readonly quote: string };

type Listing = {
  readonly baseScale?: number;
  readonly quoteScale?: number;
  readonly tick?: string;
  readonly lot?: string;
  readonly rules?: MessageInitShape<typeof MarketRulesSchema>;
  readonly state?: keyof typeof Market_State;
};

/** What a test does on an exchange, in few words. */
export function exchange(served: ServedMatching) {
  const admin = newId();
  const markets = served.outside(MarketAdminService);
  const wires: Record<Wire, Client<typeof OrderService>> = {
    HTTP: served.outside(OrderService),
    gRPC: served.inside("operator").of(OrderService),
  };
  let listed = 0;
  const asAdmin = async () => served.as(admin, "ADMIN");
  const setState = async (market: string, state: keyof typeof Market_State) =>
    markets.setMarketState(
      { requestId: newId(), market, state: Market_State[state], remark: "a test" },
      await asAdmin(),
    );
  return {
    admin,
    markets,
    asAdmin,
    setState,
    /** Lists a market with new assets, and opens it. */
    list: async (listing: Listing = {}): Promise<TestMarket> => {
      listed += 1;
      const [base, quote] = [`B${listed}`, `Q${listed}`];
      const { baseScale = 8, quoteScale = 8, tick = "0.01", lot = "0.01", rules = {} } = listing;
      await served.asset(base, baseScale);
      await served.asset(quote, quoteScale);
      const usual = { listingPrice: "100.00", ...wide };
      const { market } = await markets.createMarket(
        {
          requestId: newId(),
          baseAsset: base,
          quoteAsset: quote,
          tickSize: tick,
          lotSize: lot,
          rules: { ...usual, ...rules },
        },
        await asAdmin(),
      );
      const { state = "TRADING" } = listing;
      if (state !== "PRE_OPEN") await setState(market!.symbol, state);
      return { symbol: market!.symbol, base, quote };
    },
    /** Somebody who trades, with money. */
    trader: async (...money: readonly (readonly [string, string])[]) => {
      const id = newId();
      await served.charge(id, ...money);
      return trader(id, wires, await served.as(id, "USER"));
    },
  };
}

/** Bounds that refuse nothing that a test does not mean. */
const wide = { percentPriceLowPpm: 1, percentPriceHighPpm: 1_000_000_000, priceBandPpm: 999_999 };

/** Somebody who trades on both wires. */
export type Trader = ReturnType<typeof trader>;

function trader(
  id: string,
  wires: Record<Wire, Client<typeof OrderService>>,
  options: CallOptions,
) {
  const orders = (wire: Wire = "HTTP") => wires[wire];
  const place = async (order: Asked, { key = newId(), wire }: { key?: string; wire?: Wire } = {}) =>
    orders(wire).placeOrder({ requestId: key, order }, options);
  return {
    id,
    options,
    orders,
    place,
    /** Places a limit order; the words are side, size and price. */
    limit: async (market: string, words: string, more: Asked = {}) =>
      place({ market, ...limitOf(words), ...more }),
    cancel: async (orderId: string) =>
      orders().cancelOrder({ requestId: newId(), orderId }, options),
    amend: async (
      orderId: string,
      to: Partial<Record<"price" | "size" | "reservePrice", string>>,
    ) => orders().amendOrder({ requestId: newId(), orderId, ...to }, options),
    reduce: async (orderId: string, size: string) =>
      orders().reduceOrder({ requestId: newId(), orderId, size }, options),
  };
}

/** Reads words such as "buy 0.7 at 0.030000". */
export function limitOf(words: string): Asked {
  const [side, size, , price] = words.split(" ");
  const sides: Record<string, Side> = { buy: Side.BUY, sell: Side.SELL };
  return { side: sides[side!]!, size: size!, price: price! };
}

export const IOC = { timeInForce: TimeInForce.IOC };
export const FOK = { timeInForce: TimeInForce.FOK };
export const MARKET = { type: OrderType.MARKET, price: "" };

/** The word of an order's state. */
export function stateOf(order: { readonly state: Order_State } | undefined): string {
  const names = Object.keys(Order_State) as (keyof typeof Order_State)[];
  return names.find((name) => Order_State[name] === order!.state)!;
}

/** The reason that a call was refused with; fails when it was not. */
export async function reasonIn(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(
    () => new Error("it was not refused"),
    (reason: unknown) => reason,
  );
  const reason = reasonOf(error);
  if (reason === undefined) throw error;
  return reason;
}

/** The fields that a call was refused for, each with what is wrong with it; fails when it was not. */
export async function problemsIn(call: Promise<unknown>): Promise<string[]> {
  const error = await call.then(
    () => new Error("it was not refused"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectError)) throw error;
  const details = error.findDetails(ViolationsSchema);
  return details.flatMap(({ violations }) =>
    violations.map(({ field, message }) => {
      const path = field!.elements.map(({ fieldName }) => fieldName).join(".");
      return `${path} ${message}`;
    }),
  );
}
