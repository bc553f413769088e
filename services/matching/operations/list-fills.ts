import type { Fill } from "#gen/mizan/matching/v1/trade_pb.ts";
import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import { getListed } from "../domain/get-listed.ts";
import type { FillRecord } from "../domain/order-record.ts";
import * as store from "../store/read-fills.ts";
import { findStored } from "./find-target.ts";
import { toFill } from "./order-message.ts";
import type { OrderMeans } from "./order-means.ts";

/** Which fills are listed; what is empty or undefined does not matter. */
export type FillSearch = Omit<store.FillFilter, "order"> & { readonly orderId: string };

/**
 * One page of the fills of an account, the newest first, and the token of the next page. Throws
 * MARKET_NOT_FOUND, and UNKNOWN_ORDER for those of an order that is not its own.
 */
export async function listFills(
  means: OrderMeans,
  { orderId, ...search }: FillSearch,
  page: { readonly pageSize: number; readonly pageToken: string },
): Promise<{ fills: Fill[]; nextPageToken: string }> {
  const { accountId, market, startMs, endMs } = search;
  if (market !== "") getListed(means, market);
  const list = ["fills", accountId, market, orderId, startMs, endMs].join("/");
  const before = fromToken(page.pageToken, list);
  const limit = pageSize(page.pageSize);
  await means.writer.flushed();
  const order = orderId === "" ? undefined : await findStored(means, { orderId }, accountId);
  const bounds = { before, limit: limit + 1 };
  const found = await store.listFills(means.db.sql, { ...search, order }, bounds);
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return {
    fills: shown.map((fill) => toFill(fill, means.markets.find(fill.market)!)),
    nextPageToken: last ? toToken(last, list) : "",
  };
}

function toToken({ atMs, market, tradeId, side }: FillRecord, list: string): string {
  return toPageToken([String(atMs), market, String(tradeId), side], list);
}

function fromToken(token: string, list: string): store.FillPlace | undefined {
  const values = fromPageToken(token, list);
  if (values === undefined) return undefined;
  const [atMs = "", market = "", tradeId = "", side = ""] = values;
  return {
    atMs: Number(atMs),
    market,
    tradeId: Number(tradeId),
    side: side === "BUY" ? "BUY" : "SELL",
  };
}
