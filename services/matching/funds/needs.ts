import { setImmediate } from "node:timers/promises";
import type { OrderId } from "../domain/command.ts";
import { needMinor } from "../domain/money.ts";
import type { OrderView } from "../domain/order-view.ts";
import type { EngineReads } from "../writer/writer-api.ts";
import type { FundsMeans } from "./means.ts";

/** What the live orders of an account need held, by asset, in minor units. */
export type Needs = {
  readonly byAsset: ReadonlyMap<string, bigint>;
  /** How many orders it has. */
  readonly orders: number;
};

/**
 * Adds up the needs of an account; two linked orders have one hold, for the larger need. Others go on
 * between its pages, so that what changes meanwhile may be counted as it was.
 */
export async function needsOf(
  engine: Pick<EngineReads, "order" | "ordersOf" | "tier">,
  markets: FundsMeans["markets"],
  account: number,
): Promise<Needs> {
  const holds = new Map<OrderId, { readonly asset: string; readonly minor: bigint }>();
  let orders = 0;
  for await (const page of pagesOf(engine, account)) {
    orders += page.length;
    for (const order of page) {
      const { base, quote, scales } = markets.byNumber(order.market)!;
      const asset = order.side === "BUY" ? quote : base;
      const minor = needMinor(order, engine.tier(order.tier)!, scales);
      const other = holds.get(order.hold)?.minor ?? 0n;
      holds.set(order.hold, { asset, minor: minor > other ? minor : other });
    }
  }
  const byAsset = new Map<string, bigint>();
  for (const { asset, minor } of holds.values()) {
    byAsset.set(asset, (byAsset.get(asset) ?? 0n) + minor);
  }
  return { byAsset, orders };
}

async function* pagesOf(
  engine: Pick<EngineReads, "order" | "ordersOf">,
  account: number,
): AsyncIterable<readonly OrderView[]> {
  let after: OrderId | undefined;
  for (;;) {
    const page = engine.ordersOf(account, 0, PAGE_ORDERS, after);
    yield page;
    if (page.length < PAGE_ORDERS) return;
    await setImmediate(); // others have their turn
    after = page.findLast(({ order }) => engine.order(order) !== undefined)?.order;
  }
}

const PAGE_ORDERS = 1000;
