import { NotificationsMadeSchema } from "#gen/mizan/core/v1/events_pb.ts";
import { type Consumer, repeatable } from "#mesh/events/consumer.ts";
import type { Notices } from "../feed/notices.ts";

/**
 * Passes on what people are told, to those who are connected. It changes nothing in the database;
 * that it may come twice is seen by the id of the notification.
 */
export const notificationsMade = <T>(notices: Pick<Notices, "tell">): Consumer<T> =>
  repeatable(NotificationsMadeSchema, "notifications", async (_db, { notifications }) => {
    for (const { userId, notification } of notifications) {
      if (notification !== undefined) notices.tell(userId, notification);
    }
  });
