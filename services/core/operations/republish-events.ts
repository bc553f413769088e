import {
  type RepublishEventsResponse,
  RepublishEventsResponseSchema,
} from "#gen/mizan/core/v1/operations_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import * as events from "#mesh/events/operations.ts";
import type { Call, Core } from "../context.ts";

/**
 * Has the events of this service published again that happened since a time, in milliseconds since
 * 1970, once per key.
 */
export async function republishEvents(
  core: Core,
  startMs: number,
  { values }: Pick<Call, "values">,
): Promise<RepublishEventsResponse> {
  const replay = { stream: "MIZAN_CORE", feeds: [], startMs };
  return once(core.db, values, RepublishEventsResponseSchema, async (tx) => ({
    eventCount: BigInt(await events.republishEvents(tx, replay)),
  }));
}
