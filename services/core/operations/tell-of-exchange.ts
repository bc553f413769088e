import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { MarketChanged, TriggerFired } from "#gen/mizan/matching/v1/events_pb.ts";
import { Market_State } from "#gen/mizan/matching/v1/market_pb.ts";
import { Trigger_State } from "#gen/mizan/matching/v1/trigger_pb.ts";
import type { EventMeta } from "#mesh/events/consumer.ts";
import { toEach } from "../domain/notification.ts";
import { tell } from "../events.ts";
import type { Queries } from "../store/tables.ts";
import { tellAdministrators } from "./tell-administrators.ts";

/** Tells its owner, once, that a trigger has placed its order, or why it could not. */
export async function tellOfTrigger(tx: Queries, { trigger }: TriggerFired): Promise<void> {
  const { id: cause, userId, market, price, orderId, reason, updateTime } = trigger!;
  const type = trigger!.state === Trigger_State.FIRED ? "TRIGGER_FIRED" : "TRIGGER_FAILED";
  const values = { trigger_id: cause, market, price, order_id: orderId, reason };
  const createdAtMs = updateTime === undefined ? 0 : timestampMs(updateTime);
  await tell(tx, toEach([userId], { cause, type, values, createdAtMs }));
}

/** Tells administrators of a market that has stopped by itself. */
export async function tellOfMarket(
  tx: Queries,
  event: MarketChanged,
  { id: cause, atMs: createdAtMs }: Pick<EventMeta, "id" | "atMs">,
): Promise<void> {
  if (!isHalted(event)) return;
  const values = { market: event.market!.symbol, reason: event.reason };
  await tellAdministrators(tx, { cause, type: "MARKET_HALTED", values, createdAtMs });
}

/** Whether an event tells of a market that nobody has halted by hand. */
export function isHalted({ market, reason }: MarketChanged): boolean {
  return market?.state === Market_State.HALT && reason !== "";
}
