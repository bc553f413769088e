import { create } from "@bufbuild/protobuf";
import {
  type WatchOrdersResponse,
  WatchOrdersResponseSchema,
} from "#gen/mizan/matching/v1/order_service_pb.ts";
import { hexOf } from "#mesh/ids.ts";
import { MAX_TOLD_ORDERS, WATCH_SIGN_MS } from "#mesh/limits.ts";
import { fillsOf } from "../domain/fold-order.ts";
import type { OrderRecord } from "../domain/order-record.ts";
import { getListed } from "../domain/get-listed.ts";
import { listOrders } from "../store/read-orders.ts";
import { follow, type Watch } from "./follow.ts";
import type { OrderChange } from "./order-changes.ts";
import { toFill, toOrder } from "./order-message.ts";
import type { OrderMeans } from "./order-means.ts";

/** Whose orders are followed, and on which market; empty is all. */
export type WatchedOrders = { readonly accountId: string; readonly market: string };

/**
 * The live orders of an account, then those that change, as they are then, with their fills. Throws
 * MARKET_NOT_FOUND, OVERLOADED, and what ends a stream.
 */
export async function* watchOrders(
  means: OrderMeans,
  { accountId, market }: WatchedOrders,
  watch: Watch,
): AsyncGenerator<WatchOrdersResponse> {
  const { changes } = means;
  if (market !== "") getListed(means, market); // it has to be there
  using _ = changes.seats.of(accountId);
  using reader = changes.join(hexOf(accountId));
  yield* live(means, { accountId, market });
  for await (const some of follow(reader.backlog, watch, watch.signMs ?? WATCH_SIGN_MS)) {
    for (let from = 0; from < Math.max(1, some.length); from += MAX_TOLD_ORDERS) {
      const part = some.slice(from, from + MAX_TOLD_ORDERS);
      const told = await tell(means, part, market);
      if (told.orders.length > 0 || some.length === 0) yield told;
    }
  }
}

/** All that live; the first message comes at once, also where there are none. */
async function* live(
  { db, markets, writer }: OrderMeans,
  { accountId, market }: WatchedOrders,
): AsyncGenerator<WatchOrdersResponse> {
  await writer.flushed();
  const states = ["PENDING_TRIGGER", "NEW", "PARTIALLY_FILLED"] as const;
  const filter = { accountId, market, states, startMs: undefined, endMs: undefined };
  let before: string | undefined;
  let found: OrderRecord[];
  do {
    found = await listOrders(db.sql, filter, { before, limit: MAX_TOLD_ORDERS });
    const orders = found.map((order) => toOrder(order, markets.find(order.market)!));
    if (before === undefined || found.length > 0) {
      yield create(WatchOrdersResponseSchema, { isSnapshot: true, orders });
    }
    before = String(found.at(-1)?.place);
  } while (found.length === MAX_TOLD_ORDERS);
}

/** Orders that have changed as their rows have them by now, each once, and the fills of all changes. */
async function tell(
  { readOrder, markets }: OrderMeans,
  changes: readonly OrderChange[],
  market: string,
): Promise<WatchOrdersResponse> {
  const ids = [...new Set(changes.map(({ order }) => order))];
  const rows = await Promise.all(ids.map(readOrder));
  const wanted = rows.filter(
    (row) => row !== undefined && (market === "" || row.market === market),
  );
  const orders = new Map(wanted.map((order) => [order!.id, order!]));
  const fills = changes.flatMap(({ order: id, event, atMs }) => {
    const order = orders.get(id);
    if (order === undefined) return [];
    const listed = markets.find(order.market)!;
    const when = { scales: listed.scales, atMs };
    return fillsOf(order, [event], when).map((fill) => toFill(fill, listed));
  });
  return create(WatchOrdersResponseSchema, {
    orders: [...orders.values()].map((order) => toOrder(order, markets.find(order.market)!)),
    fills,
  });
}
