import { create, fromBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { NewOrderSchema } from "#gen/mizan/matching/v1/order_service_pb.ts";
import * as wire from "#gen/mizan/matching/v1/trigger_pb.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import type { Trigger } from "../domain/trigger.ts";
import { fromSteps } from "../domain/units.ts";

/** A trigger as its owner sees it: it has fired once its order is placed, and waits until then. */
export function toTriggerMessage(trigger: Trigger, { units }: ListedMarket): wire.Trigger {
  const { id, accountId, market, condition, state, reason, tradeId, isOver } = trigger;
  const isPlaced = state === "FIRED" && isOver;
  const shown = state === "FIRED" && !isOver ? "ACTIVE" : state;
  return create(wire.TriggerSchema, {
    id,
    userId: accountId,
    market,
    condition: wire.Trigger_Condition[condition],
    price: fromSteps(trigger.price, units.tick),
    order: fromBinary(NewOrderSchema, trigger.newOrder),
    state: wire.Trigger_State[shown],
    orderId: isPlaced ? trigger.orderId : "",
    tradeId: BigInt((isOver && tradeId) || 0),
    reason,
    createTime: timestampFromMs(trigger.createdMs),
    updateTime: timestampFromMs(trigger.updatedMs),
  });
}
