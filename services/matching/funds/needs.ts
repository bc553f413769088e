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

/** Adds up the needs of an account; two linked orders have one hold, for the larger need. */
export function needsOf(
  engine: Pick<EngineReads, "ordersOf" | "tier">,
  markets: FundsMeans["markets"],
  account: number,
): Needs {
  const holds = new Map<OrderId, { readonly asset: string; readonly minor: bigint }>();
  let orders = 0;
  for (const order of allOf(engine, account)) {
    orders += 1;
    const { base, quote, scales } = markets.byNumber(order.market)!;
    const asset = order.side === "BUY" ? quote : base;
    const minor = needMinor(order, engine.tier(order.tier)!, scales);
    const other = holds.get(order.hold)?.minor ?? 0n;
    holds.set(order.hold, { asset, minor: minor > other ? minor : other });
  }
  const byAsset = new Map<string, bigint>();
  for (const { asset, minor } of holds.values()) {
    byAsset.set(asset, (byAsset.get(asset) ?? 0n) + minor);
  }
  return { byAsset, orders };
}

function* allOf(engine: Pick<EngineReads, "ordersOf">, account: number): Iterable<OrderView> {
  let after: OrderId | undefined;
  do {
    const page = engine.ordersOf(account, 0, PAGE_ORDERS, after);
    yield* page;
    after = page.length === PAGE_ORDERS ? page.at(-1)!.order : undefined;
  } while (after !== undefined);
}

const PAGE_ORDERS = 1000;
