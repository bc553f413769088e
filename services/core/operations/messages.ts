import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Notification_Type, type NotificationSchema } from "#gen/mizan/core/v1/notification_pb.ts";
import { User_Role, type UserSchema } from "#gen/mizan/core/v1/user_pb.ts";
import { type Notification, textOf } from "../domain/notification.ts";
import type { User } from "../domain/user.ts";

/** A user as the wire shows it. */
export function toUser(user: User): MessageInitShape<typeof UserSchema> {
  const { id, username, email, phoneNumber, roles, createdAtMs } = user;
  return {
    id,
    username,
    email,
    phoneNumber,
    roles: roles.map((role) => User_Role[role]),
    createTime: timestampFromMs(createdAtMs),
  };
}

/** A notification as the wire shows it. */
export function toNotification(
  notification: Notification,
): MessageInitShape<typeof NotificationSchema> {
  const { id, type, values, createdAtMs } = notification;
  const createTime = timestampFromMs(createdAtMs);
  return { id, type: Notification_Type[type], text: textOf(notification), values, createTime };
}
