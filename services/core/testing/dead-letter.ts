import { sql } from "kysely";
import { newId } from "#mesh/ids.ts";
import type { Core } from "../context.ts";

/** Stores a dead letter of some event, and returns its id. */
export async function bury(core: Core): Promise<string> {
  const id = newId();
  await sql`
    insert into dead_letter (id, consumer, event_id, subject, headers, payload, error, attempts)
    values (${id}, 'welcome', ${newId()}, 'mizan.core.v1.UserRegistered.0', '{}', '', 'broken', 5)
  `.execute(core.db.sql);
  return id;
}
