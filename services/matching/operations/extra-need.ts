import type { AmendCommand } from "../domain/command.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { type Held, needMinor } from "../domain/money.ts";
import type { OrderView } from "../domain/order-view.ts";
import type { OrderMeans } from "./order-means.ts";

type Amending = { readonly command: AmendCommand; readonly market: ListedMarket };

/**
 * How much more an order needs held with an amendment, as the command counts it; not more than 0
 * where it needs nothing.
 */
export function extraNeed(
  means: Pick<OrderMeans, "writer">,
  order: OrderView,
  { command, market }: Amending,
): bigint {
  const reservePrice = command.reservePrice || order.reservePrice;
  const remaining = Math.max(0, order.remaining + (command.lots || order.lots) - order.lots);
  const need = (held: Held) => lotsOrMinor(means, order, held, market);
  return need({ ...order, reservePrice, remaining }) - need(order);
}

/** The most that it can come to by fills: the lots that are added, and a unit that is rounded up. */
export function mostExtra(
  means: Pick<OrderMeans, "writer">,
  order: OrderView,
  { command, market }: Amending,
  added: bigint,
): bigint {
  const reservePrice = command.reservePrice || order.reservePrice;
  const remaining = Math.max(0, (command.lots || order.lots) - order.lots);
  const ofLots = lotsOrMinor(means, order, { ...order, reservePrice, remaining }, market);
  const most = added > ofLots ? added : ofLots;
  return order.side === "BUY" ? most + 1n : most;
}

/** What an order needs held: of a buy in minor units, of a sell in lots. */
function lotsOrMinor(
  { writer }: Pick<OrderMeans, "writer">,
  { tier }: OrderView,
  held: Held,
  { scales }: ListedMarket,
): bigint {
  return needMinor(held, writer.engine.tier(tier)!, { ...scales, baseScale: 1n });
}
