import type { Order } from "#gen/mizan/matching/v1/order_pb.ts";
import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import { getListed } from "../domain/get-listed.ts";
import * as store from "../store/read-orders.ts";
import { toOrder } from "./order-message.ts";
import type { OrderMeans } from "./order-means.ts";

/**
 * One page of the orders of an account, the newest first, and the token of the next page. Throws
 * MARKET_NOT_FOUND.
 */
export async function listOrders(
  { db, markets, writer }: Pick<OrderMeans, "db" | "markets" | "writer">,
  filter: store.OrderFilter,
  page: { readonly pageSize: number; readonly pageToken: string },
): Promise<{ orders: Order[]; nextPageToken: string }> {
  const { accountId, market, states, startMs, endMs } = filter;
  if (market !== "") getListed({ markets }, market);
  const list = ["orders", accountId, market, ...states.toSorted(), startMs, endMs].join("/");
  const [before] = fromPageToken(page.pageToken, list) ?? [];
  const limit = pageSize(page.pageSize);
  await writer.flushed(); // one reads what one was answered
  const found = await store.listOrders(db.sql, filter, { before, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return {
    orders: shown.map((order) => toOrder(order, markets.find(order.market)!)),
    nextPageToken: last ? toPageToken([String(last.place)], list) : "",
  };
}
