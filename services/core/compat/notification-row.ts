import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Notification_TypeSchema as TypeSchema } from "#gen/mizan/core/v1/notification_pb.ts";
import { NotificationService } from "#gen/mizan/core/v1/notification_service_pb.ts";
import { compatRow } from "#mesh/compat/row.ts";

/** The path by which people of a replaced system read what they were told: the newest of it. */
export const notificationRow = compatRow({
  path: "/api/notifications",
  verb: "GET",
  method: NotificationService.method.listNotifications,
  toRequest: () => ({}),
  answer: async ({ ask }) => {
    const { notifications } = await ask();
    return notifications.map(({ id, type, text, values, createTime }) => ({
      id,
      type: TypeSchema.value[type]?.localName ?? "UNSPECIFIED",
      text,
      values,
      created_at: new Date(timestampMs(createTime!)).toISOString(),
    }));
  },
  errors: { key: "detail" },
});
