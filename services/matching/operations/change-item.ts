import { hash } from "node:crypto";
import {
  type OrderItem,
  OrderItemSchema,
  OrderResultSchema,
} from "#gen/mizan/matching/v1/order_service_pb.ts";
import { decodeReply, encodeReply } from "#mesh/database/reply.ts";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { canonicalBytes } from "#mesh/interceptors/canonical.ts";
import type { OrderId } from "../domain/command.ts";
import type { Bounds } from "../writer/submission.ts";
import { amendWork } from "./amend-order.ts";
import { cancelWork } from "./cancel-order.ts";
import { changeWork } from "./change-work.ts";
import type { OrderMeans } from "./order-means.ts";
import { toResult } from "./order-result.ts";
import type { Placed, Who } from "./placed.ts";
import { reduceWork } from "./reduce-order.ts";
import type { Alone, Settled, Step, Work } from "./works.ts";

/** The orders that a batch places, by what the client calls them. */
export type Names = Map<string, { readonly order: OrderId; readonly market: number }>;

/** The name of an order among those of a batch. */
export function nameOf(named: { readonly market: string; readonly clientOrderId: string }): string {
  return `${named.market}/${named.clientOrderId}`;
}

type Changing = { readonly who: Who; readonly bounds: Bounds; readonly names: Names };

/** The step of an item that changes an order; it is prepared when what comes before it is applied. */
export function changeStep(means: OrderMeans, item: OrderItem, changing: Changing): Step<Placed> {
  const { who, bounds, names } = changing;
  const { action } = item;
  switch (action.case) {
    case "cancel": {
      const target = action.value;
      const own = target.orderId === "" ? names.get(nameOf(target)) : undefined;
      if (own === undefined) return { later: async () => cancelWork(means, target, who) };
      const named = { orderId: "", market: target.market, clientOrderId: target.clientOrderId };
      const cancelling = { target: named, who, reason: "NOT_CANCELLABLE" as const };
      return changeWork(means, cancelling, { kind: "CANCEL", account: 0, ...own });
    }
    case "reduce": {
      const reduction = action.value;
      const work = async () => reduceWork(means, reduction, who);
      return { later: async () => onceReduced(means, callOf(item, who), work) };
    }
    case "amend": {
      const amendment = action.value;
      return { later: async () => amendWork(means, amendment, who, bounds) };
    }
    default:
      throw new TypeError("an item that changes nothing");
  }
}

/** A reduction that comes again is answered as the first time, since it would take as much again. */
async function onceReduced(
  { replies }: OrderMeans,
  call: IdempotentCall,
  reduce: () => Promise<Work<Placed>>,
): Promise<Work<Placed> | Alone<Placed> | Settled<Placed>> {
  const kept = await replies.find(call);
  if (kept !== undefined) {
    const { order, fills } = decodeReply(OrderResultSchema, kept);
    return { answer: { order: order!, fills, isReplay: true } };
  }
  const work = await reduce();
  return {
    ...work,
    answer: async (outcome) => {
      const reduced = await work.answer(outcome);
      await replies.keep(call, encodeReply(OrderResultSchema, toResult(reduced)));
      return reduced;
    },
  };
}

/** What the reply of an item is kept under. */
function callOf(item: OrderItem, { accountId }: Who): IdempotentCall {
  const { requestId: key } = item; // which the hash has too: it is the same for the same key
  const bytes = canonicalBytes(OrderItemSchema, item);
  const method = "mizan.matching.v1.OrderService/PlaceOrders";
  const digest = hash("sha256", bytes, "buffer");
  return { principal: accountId, method, key, hash: digest, replayed: false };
}
