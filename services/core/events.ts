import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { NotificationsMadeSchema, UserRegisteredSchema } from "#gen/mizan/core/v1/events_pb.ts";
import { uuidOf, ZERO_ID } from "#mesh/ids.ts";
import { append, outboxRow } from "#mesh/events/outbox.ts";
import type { Notification } from "./domain/notification.ts";
import type { User } from "./domain/user.ts";
import { toNotification } from "./operations/messages.ts";
import { insertNotifications, type NotificationEvent } from "./store/notifications.ts";
import type { Queries } from "./store/tables.ts";

/** Tells that a user has joined, if the transaction commits. */
export async function userRegistered(tx: Queries, { id, createdAtMs }: User): Promise<void> {
  const eventTime = timestampFromMs(createdAtMs);
  const event = create(UserRegisteredSchema, { userId: id, eventTime });
  await append(tx, UserRegisteredSchema, event, { key: id });
}

/**
 * Tells people of something: in their lists, where each notification is once, and at once to those
 * who are connected. People whom nobody knows are left out.
 */
export async function tell(db: Queries, notifications: readonly Notification[]): Promise<void> {
  if (notifications.length === 0) return;
  await insertNotifications(db, notifications, notificationsMade(notifications));
}

/** The event of notifications, in parts, for the statement that makes them. */
export function notificationsMade(notifications: readonly Notification[]): NotificationEvent {
  const parts = notifications.map((one) => {
    const notification = { userId: one.personId, notification: toNotification(one) };
    const event = create(NotificationsMadeSchema, { notifications: [notification] });
    return Buffer.from(toBinary(NotificationsMadeSchema, event));
  });
  const message = create(NotificationsMadeSchema);
  if (parts.length === 0) return { ...nothing, parts };
  const row = outboxRow(NotificationsMadeSchema, { message, key: "notifications", token: "all" });
  return { ...row, parts };
}

/** What no row is made of, since there is nothing to tell. */
const nothing = { stream: "", eventId: uuidOf(ZERO_ID), subject: "", key: "" };
