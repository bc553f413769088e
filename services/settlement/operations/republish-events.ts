import {
  type RepublishEventsResponse,
  RepublishEventsResponseSchema,
} from "#gen/mizan/settlement/v1/operations_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import * as events from "#mesh/events/operations.ts";
import type { Call, Settlement } from "../context.ts";

/**
 * Has the events of this service published again that happened since a time, in milliseconds since
 * 1970, once per key.
 */
export async function republishEvents(
  { db }: Pick<Settlement, "db">,
  startMs: number,
  { values }: Pick<Call, "values">,
): Promise<RepublishEventsResponse> {
  const since = Math.min(Math.max(startMs, 0), LAST_MS);
  const replay = { stream: "MIZAN_SETTLEMENT", feeds: [], startMs: since };
  return once(db, values, RepublishEventsResponseSchema, async (tx) => ({
    eventCount: BigInt(await events.republishEvents(tx, replay)),
  }));
}

/** The end of the year 9999, after which neither the wire nor PostgreSQL can tell the time. */
const LAST_MS = Date.UTC(10_000, 0) - 1;
