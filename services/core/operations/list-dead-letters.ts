import * as events from "#mesh/events/operations.ts";
import type { Core } from "../context.ts";

/** One page of the events that consumers of this service gave up, newest first. */
export async function listDeadLetters(core: Core, page: events.Page) {
  return events.listDeadLetters(core.db.sql, page);
}
