import { create, fromBinary } from "@bufbuild/protobuf";
import { TriggerFiredSchema } from "#gen/mizan/matching/v1/events_pb.ts";
import { NewOrderSchema } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { isDecision, reasonOf } from "#mesh/errors.ts";
import { append } from "#mesh/events/outbox.ts";
import { hexOf } from "#mesh/ids.ts";
import { type Trigger, triggerRequestId } from "../domain/trigger.ts";
import { endTrigger } from "../store/triggers.ts";
import type { OrderMeans } from "./order-means.ts";
import { placeOrder } from "./place-order.ts";
import { toTriggerMessage } from "./trigger-message.ts";

/**
 * Places the order of a trigger that has fired for its owner, and tells them; a refusal is the end
 * too (DESK-2). Any other error leaves it to be placed again, by the same id.
 */
export async function placeFired(means: OrderMeans, trigger: Trigger): Promise<void> {
  const { id: triggerId, accountId, newOrder } = trigger;
  const { epoch } = means.writer;
  const ask = {
    id: hexOf(trigger.orderId),
    key: triggerRequestId(triggerId),
    order: fromBinary(NewOrderSchema, newOrder),
    triggerId: hexOf(triggerId),
  };
  const placed = placeOrder(means, ask, { accountId, session: 0 }, {});
  const reason = await placed.then(() => undefined, refusalOf);
  await transaction(means.db, async (tx) => {
    const ended = await endTrigger(tx, triggerId, { reason, epoch });
    if (ended === undefined) return; // another process was faster, or has the books
    const message = toTriggerMessage(ended, means.markets.find(ended.market)!);
    const event = create(TriggerFiredSchema, { trigger: message });
    await append(tx, TriggerFiredSchema, event, { key: triggerId });
  });
}

/** The reason of a refusal; what is none is thrown. */
function refusalOf(error: unknown): string {
  if (isDecision(error)) return reasonOf(error) ?? error.rawMessage;
  throw error;
}
