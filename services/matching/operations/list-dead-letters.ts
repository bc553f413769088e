import * as events from "#mesh/events/operations.ts";
import type { Matching } from "../context.ts";

/** One page of the events that consumers of this service gave up, newest first. */
export async function listDeadLetters({ db }: Pick<Matching, "db">, page: events.Page) {
  return events.listDeadLetters(db.sql, page);
}
