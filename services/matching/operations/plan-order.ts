import { fromMinor } from "#mesh/money.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Matching } from "../context.ts";
import { REFUSALS } from "../domain/refusals.ts";
import type { NewOrder } from "../domain/command.ts";
import type { Refusal } from "../domain/event.ts";
import { type ListedMarket, ratesOf } from "../domain/listed-market.ts";
import type { OrderRecord } from "../domain/order-record.ts";
import { noFills } from "../domain/money.ts";
import { fail } from "../errors.ts";
import type { Wanted } from "../funds/funds.ts";
import type { Hashed } from "./find-placed.ts";
import type { Who } from "./placed.ts";
import { positionOf } from "./position-of.ts";
import { readNewOrder } from "./read-new-order.ts";

/** A new order as it was read, with its market and what its account has. */
export type Plan = {
  readonly market: ListedMarket;
  readonly order: NewOrder;
  readonly problem: Refusal | undefined;
  readonly positionLots: number;
};

/** Reads what somebody wants to place. Throws MARKET_NOT_FOUND. */
export async function planOrder(
  matching: Pick<Matching, "markets" | "wallets" | "writer">,
  { id, order: asked }: Pick<Hashed, "id" | "order">,
  { accountId }: Who,
): Promise<Plan> {
  const market = matching.markets.find(asked.market);
  const view = market && matching.writer.engine.market(market.no);
  if (market === undefined || view === undefined) {
    throw fail("MARKET_NOT_FOUND", { market: asked.market });
  }
  const read = readNewOrder(asked, id, { market, reference: view.reference });
  const { side } = read.order;
  const { maxPositionLots } = market.terms.rules;
  const isBounded = maxPositionLots > 0 && side === "BUY";
  const positionLots = isBounded ? await positionOf(matching, market, { accountId, side }) : 0;
  return { ...read, market, positionLots };
}

/** Of two reasons the one that section 7 has first; undefined is none. */
export function firstOf(one: Refusal | undefined, other: Refusal | undefined): Refusal | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return rankOf(one) < rankOf(other) ? one : other;
}

/** An id that was used before comes before all that the order says. */
function rankOf(reason: Refusal): number {
  return reason === "DUPLICATE_ORDER" ? 0 : REFUSALS.indexOf(reason);
}

/** What has to be held for an order: of quote for a buy, of base for a sell. */
export function wantedFor(plan: Plan, { accountId }: Who, minor: bigint): Wanted {
  const { market, order } = plan;
  const isBuy = order.side === "BUY";
  return {
    order: order.order,
    owner: hexOf(accountId),
    asset: isBuy ? market.quote : market.base,
    scale: isBuy ? market.units.quoteDecimals : market.units.baseDecimals,
    minor,
  };
}

/** The error of a hold that its account can't afford. */
export function insufficient({ asset, scale, minor }: Pick<Wanted, "asset" | "scale" | "minor">) {
  return fail("INSUFFICIENT_FUNDS", { needed: fromMinor(minor, scale), asset });
}

/** An order as it is before anything has happened to it. */
export function recordOf(plan: Plan, ask: Hashed, who: Who): OrderRecord {
  const { market, order } = plan;
  return {
    ...order,
    ...noFills,
    id: order.order,
    accountId: who.accountId,
    market: market.symbol,
    clientOrderId: ask.order.clientOrderId,
    requestHash: ask.hash,
    linked: "",
    trigger: ask.triggerId ?? "",
    rates: ratesOf(market),
    state: "NEW",
    reason: "",
    remaining: order.lots,
    preventedLots: 0,
    feeMinor: 0n,
    heldMinor: 0n,
    seq: 0,
    place: 0,
    createdMs: 0,
    updatedMs: 0,
  };
}
