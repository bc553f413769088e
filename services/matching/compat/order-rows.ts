import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Order_State, OrderType, Side, TimeInForce } from "#gen/mizan/matching/v1/order_pb.ts";
import { OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import type { Fields } from "#mesh/compat/fields.ts";
import { type CompatRow, compatRow } from "#mesh/compat/row.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { MAX_CLIENT_ORDER_ID_LENGTH } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { lotsFor } from "../domain/size-for.ts";
import { fromSteps, toTicks } from "../domain/units.ts";
import { fail } from "../errors.ts";
import { minorOf } from "../operations/minor-of.ts";

type Means = Pick<Matching, "markets" | "writer">;

/** The path by which people of a replaced exchange gave an amount of one currency for another. */
export const orderRows = (means: Means): readonly CompatRow[] => [
  compatRow({
    path: "/api/orders",
    verb: "POST",
    method: OrderService.method.placeOrder,
    toRequest: (fields) => {
      const { market, side } = marketOf(means, fields);
      const price = priceOf(means, fields, market);
      const clientOrderId = keyOf(fields);
      const size = sizeOf(fields, market, { side, price });
      const order = { market: market?.symbol ?? "", side, clientOrderId, size };
      const limit = { type: OrderType.LIMIT, timeInForce: TimeInForce.GTC };
      const shown = market === undefined ? "" : fromSteps(price, market.units.tick);
      return { order: { ...order, ...limit, price: shown } };
    },
    status: 201,
    answer: async ({ ask, request, context }) => {
      const { order } = await ask();
      const isKeyed = context.requestHeader.has("idempotency-key");
      // They knew no retries: the same key is a mistake of theirs, whatever the rest says.
      if (context.values.get(callKey)?.replayed === true && !isKeyed) {
        const { market, clientOrderId } = request.order!;
        const named = { market, client_order_id: clientOrderId };
        throw fail("DUPLICATE_CLIENT_ORDER_ID", named);
      }
      return { success: true, id: order!.id };
    },
    errors: { key: "detail", fields: orderFields },
  }),
  compatRow({
    path: "/api/orders",
    verb: "GET",
    method: OrderService.method.listOrders,
    toRequest: () => ({}),
    answer: async ({ ask }) => {
      const { orders } = await ask();
      return orders.map((order) => {
        const [base = "", quote = ""] = order.market.split("-");
        const [from, to] = order.side === Side.BUY ? [quote, base] : [base, quote];
        return {
          id: order.id,
          unique_key: order.clientOrderId,
          currency_from: from,
          currency_to: to,
          price: order.price,
          size: order.size,
          filled: order.filledSize,
          status: wordOf(order.state),
          created_at: timestampDate(order.createTime!).toISOString(),
        };
      });
    },
    errors: { key: "detail" },
  }),
];

/** The fields of an order, by what their errors are called. */
const orderFields = {
  market: "currency_to",
  client_order_id: "unique_key",
  price: "price",
  size: "amount",
  DUPLICATE_CLIENT_ORDER_ID: "unique_key",
  PRICE_TICK: "price",
  PRICE_RANGE: "price",
  PERCENT_PRICE: "price",
  QTY_STEP: "amount",
  QTY_RANGE: "amount",
  MIN_NOTIONAL: "amount",
  MAX_NOTIONAL: "amount",
};

/** The market of two currencies, and what giving the first means there. */
function marketOf({ markets }: Means, fields: Fields) {
  const from = fields.text("currency_from", { isRequired: true });
  const to = fields.text("currency_to", { isRequired: true });
  const sold = markets.find(`${from}-${to}`);
  if (sold !== undefined) return { market: sold, side: Side.SELL };
  const market = markets.find(`${to}-${from}`);
  if (market === undefined && from !== "" && to !== "") {
    fields.wrong("currency_to", "These two are not traded for each other.");
  }
  return { market, side: Side.BUY };
}

/** The limit in ticks: what is said, or the average price of the market; 0 for none that is good. */
function priceOf({ writer }: Means, fields: Fields, market: ListedMarket | undefined): number {
  const text = fields.value("price") === undefined ? undefined : fields.amount("price");
  if (market === undefined || isWrong(fields, "price")) return 0;
  if (text === undefined) return writer.engine.market(market.no)?.reference ?? 0;
  const price = toTicks(text, market.units.tick);
  if (price === undefined || price === 0) fields.wrong("price", "This field is no price here.");
  return price ?? 0;
}

function sizeOf(
  fields: Fields,
  market: ListedMarket | undefined,
  { side, price }: { readonly side: Side; readonly price: number },
): string {
  const amount = fields.amount("amount");
  if (market === undefined || price === 0 || isWrong(fields, "amount")) return "";
  if (side === Side.SELL) return amount;
  const minor = minorOf(amount, market.units.quoteDecimals);
  if (minor === undefined) fields.wrong("amount", "This field has too many digits.");
  const lots = minor === undefined ? 0 : lotsFor(market, { side: "BUY", minor, price });
  if (minor !== undefined && lots === 0) fields.wrong("amount", "This field buys nothing.");
  return fromSteps(lots, market.units.lot);
}

/** Whether something was found wrong with a field that was read: what else it says means nothing. */
function isWrong(fields: Fields, name: string): boolean {
  return Object.hasOwn(fields.problems(), name);
}

function keyOf(fields: Fields): string {
  const rule = { isRequired: true, mostCharacters: MAX_CLIENT_ORDER_ID_LENGTH };
  const key = fields.text("unique_key", rule);
  if (/^[!-~]*$/.test(key)) return key;
  fields.wrong("unique_key", "This field must have visible characters without blanks.");
  return "";
}

/** The word for a state, such as "partially_filled". */
function wordOf(state: Order_State): string {
  const [name = ""] = Object.entries(Order_State).find(([, number]) => number === state) ?? [];
  return name.toLowerCase();
}
