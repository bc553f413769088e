import { type RawBuilder, sql } from "kysely";
import type { Notification, NotificationType } from "../domain/notification.ts";
import type { Queries } from "./tables.ts";

/** An event of which each part tells a notification: a statement joins those that it has made. */
export type NotificationEvent = {
  readonly stream: string;
  readonly eventId: string;
  readonly subject: string;
  readonly key: string;
  /** One for each notification, in the same order. */
  readonly parts: readonly Buffer[];
};

/**
 * Inserts notifications and the event that tells of them, in one statement. Those that are there
 * already stay as they are, and those for people whom nobody knows are left out.
 */
export async function insertNotifications(
  db: Queries,
  notifications: readonly Notification[],
  event: NotificationEvent,
): Promise<void> {
  const column = (name: keyof Notification) => notifications.map((row) => row[name]);
  const times = notifications.map((row) => new Date(row.createdAtMs).toISOString());
  const values = notifications.map((row) => JSON.stringify(row.values));
  await sql`
    with made as (
      insert into notification (id, person_id, type, values, created_at)
      select item.id, person.id, item.type, item.values, item.created_at
      from unnest(
        ${column("id")}::uuid[], ${column("personId")}::uuid[], ${column("type")}::text[],
        ${values}::jsonb[], ${times}::timestamptz[]
      ) as item (id, person_id, type, values, created_at)
      join person on person.id = item.person_id
      on conflict do nothing
      returning id
    ) ${publishMade(column("id"), event)}`.execute(db);
}

/** Has the event of the notifications that a statement has made, which it calls "made", published. */
export function publishMade(
  ids: readonly unknown[],
  event: NotificationEvent,
): RawBuilder<unknown> {
  const { stream, eventId, subject, key, parts } = event;
  // Messages one behind the other are one with all of their parts.
  return sql`
    insert into outbox (stream, event_id, subject, key, payload)
    select ${stream}, ${eventId}::uuid, ${subject}, ${key}, payload from (
      select string_agg(part, ''::bytea) as payload
      from unnest(${ids}::uuid[], ${parts}::bytea[]) as told (id, part) join made using (id)
    ) as joined where payload is not null`;
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
