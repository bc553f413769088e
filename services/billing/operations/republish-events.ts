import {
  type RepublishEventsResponse,
  RepublishEventsResponseSchema,
} from "#gen/mizan/billing/v1/operations_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import * as events from "#mesh/events/operations.ts";
import type { Billing, Call } from "../context.ts";

/**
 * Has the events of this service published again that happened since a time, in milliseconds since
 * 1970, once per key.
 */
export async function republishEvents(
  billing: Billing,
  startMs: number,
  { values }: Call,
): Promise<RepublishEventsResponse> {
  const replay = { stream: "MIZAN_BILLING", feeds: [billing.feed], startMs };
  return once(billing.db, values, RepublishEventsResponseSchema, async (tx) => ({
    eventCount: BigInt(await events.republishEvents(tx, replay)),
  }));
}
