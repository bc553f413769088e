import * as events from "#mesh/events/operations.ts";
import type { Sms } from "../context.ts";

/** One page of the events that consumers of this service gave up, newest first. */
export async function listDeadLetters(sms: Pick<Sms, "db">, page: events.Page) {
  return events.listDeadLetters(sms.db.sql, page);
}
