import { sql } from "kysely";
import type { Notification, NotificationType } from "../domain/notification.ts";
import type { Queries } from "./tables.ts";

/**
 * Inserts notifications in one statement. Those that are there already stay as they are, and those
 * for people whom nobody knows are left out.
 */
export async function insertNotifications(
  db: Queries,
  notifications: readonly Notification[],
): Promise<void> {
  const column = (name: keyof Notification) => notifications.map((row) => row[name]);
  const times = notifications.map((row) => new Date(row.createdAtMs).toISOString());
  const values = notifications.map((row) => JSON.stringify(row.values));
  await sql`
    insert into notification (id, person_id, type, values, created_at)
    select item.id, person.id, item.type, item.values, item.created_at
    from unnest(
      ${column("id")}::uuid[], ${column("personId")}::uuid[], ${column("type")}::text[],
      ${values}::jsonb[], ${times}::timestamptz[]
    ) as item (id, person_id, type, values, created_at)
    join person on person.id = item.person_id
    on conflict do nothing`.execute(db);
}

/** Where a page begins: after this notification. */
export type Position = { readonly createdAtMs: number; readonly id: string };

/** The notifications of a person after a position, newest first. */
export async function listNotifications(
  db: Queries,
  personId: string,
  { after, limit }: { readonly after: Position | undefined; readonly limit: number },
): Promise<Notification[]> {
  let query = db.selectFrom("notification").selectAll().where("person_id", "=", personId);
  if (after !== undefined) {
    const place = sql`(${new Date(after.createdAtMs).toISOString()}::timestamptz, ${after.id}::uuid)`;
    query = query.where(sql<boolean>`(created_at, id) < ${place}`);
  }
  const rows = await query
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    personId: row.person_id,
    type: row.type as NotificationType,
    values: row.values,
    createdAtMs: row.created_at.getTime(),
  }));
}
