import * as events from "#mesh/events/operations.ts";
import type { Billing } from "../context.ts";

/** One page of the events that consumers of this service gave up, newest first. */
export async function listDeadLetters(billing: Billing, page: events.Page) {
  return events.listDeadLetters(billing.db.sql, page);
}
