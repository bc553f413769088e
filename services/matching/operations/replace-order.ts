import type { Order } from "#gen/mizan/matching/v1/order_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Bounds } from "../writer/submission.ts";
import type { Hashed } from "./find-placed.ts";
import { findLive, findStored, notLive } from "./find-target.ts";
import { toOrder } from "./order-message.ts";
import type { OrderMeans } from "./order-means.ts";
import { hashOf, joined, orThrow } from "./place-order.ts";
import { placeWork, submissionOf } from "./place-work.ts";
import type { Placed, PlaceAsk, Who } from "./placed.ts";
import { wrongFields } from "./refused.ts";
import { doWorks } from "./works.ts";

/** The new order, and the one that has ended for it. */
export type Replaced = Placed & { readonly replaced: Order };

/**
 * Ends an order and places another in one command, or neither (section 6): the new one is checked
 * first. Throws UNKNOWN_ORDER, NOT_CANCELLABLE, and what the new order is refused with.
 */
export async function replaceOrder(
  means: OrderMeans,
  { orderId, ...asked }: PlaceAsk & { readonly orderId: string },
  who: Who,
  bounds: Bounds,
): Promise<Replaced> {
  const ask = { ...asked, hash: hashOf([asked.order], orderId) };
  return joined(means, ask, async () => {
    const placed = await place(means, { ask, orderId }, who, bounds).catch(
      async (error: unknown) => {
        const isUnknown = reasonOf(error) === "UNKNOWN_ORDER";
        throw isUnknown
          ? await notLive(means, { target: { orderId }, ...who }, "NOT_CANCELLABLE")
          : error;
      },
    );
    await means.funds.freed([hexOf(orderId)]);
    const ended = await findStored(means, { orderId }, who.accountId);
    return { ...placed, replaced: toOrder(ended, means.markets.find(ended.market)!) };
  });
}

async function place(
  means: OrderMeans,
  { ask, orderId }: { readonly ask: Hashed; readonly orderId: string },
  who: Who,
  bounds: Bounds,
): Promise<Placed> {
  const ended = findLive(means, { orderId }, who.accountId);
  const market = means.markets.find(ask.order.market);
  if (ended !== undefined && market !== undefined && ended.market !== market.no) {
    const problem = { field: "order.market", problem: "must be that of the order to end" };
    throw wrongFields("INVALID_COMBINATION", [problem]);
  }
  const todo = await placeWork(means, ask, who, (plan, ...of) => {
    const { command, ...rest } = submissionOf(plan, ...of);
    return { ...rest, command: { ...command, kind: "REPLACE", replaced: hexOf(orderId) } };
  });
  if ("placed" in todo) return todo.placed;
  return orThrow((await doWorks(means, [todo.work], bounds))[0]!);
}
