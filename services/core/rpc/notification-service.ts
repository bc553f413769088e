import type { ServiceImpl } from "@connectrpc/connect";
import type { NotificationService } from "#gen/mizan/core/v1/notification_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import type { Core } from "../context.ts";
import { listNotifications } from "../operations/list-notifications.ts";
import { toNotification } from "../operations/messages.ts";

/** Tells users what happened. */
export const notificationService = (core: Core): ServiceImpl<typeof NotificationService> => ({
  listNotifications: async (request, { values }) => {
    const { notifications, ...page } = await listNotifications(core, personOf(values).id, request);
    return { ...page, notifications: notifications.map(toNotification) };
  },
});
