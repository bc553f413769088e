import {
  type RepublishEventsResponse,
  RepublishEventsResponseSchema,
} from "#gen/mizan/matching/v1/operations_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import * as events from "#mesh/events/operations.ts";
import type { Call, Matching } from "../context.ts";

/**
 * Has the events of this service published again that happened since a time, in milliseconds since
 * 1970, once per key.
 */
export async function republishEvents(
  { db }: Pick<Matching, "db">,
  startMs: number,
  { values }: Pick<Call, "values">,
): Promise<RepublishEventsResponse> {
  const replay = { stream: "MIZAN_MATCHING", feeds: [], startMs };
  return once(db, values, RepublishEventsResponseSchema, async (tx) => ({
    eventCount: BigInt(await events.republishEvents(tx, replay)),
  }));
}
