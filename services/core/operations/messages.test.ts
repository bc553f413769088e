import { create, toJson } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { NotificationSchema } from "#gen/mizan/core/v1/notification_pb.ts";
import { UserSchema } from "#gen/mizan/core/v1/user_pb.ts";
import { toNotification, toUser } from "./messages.ts";

const createdAtMs = Date.UTC(2026, 10, 1);
const createTime = "2026-11-01T00:00:00Z";

test("a user is shown without the password and the state", () => {
  const names = { username: "sara", email: "sara@example.com", phoneNumber: "+989121234567" };
  const rest = { state: "ACTIVE", roles: ["USER", "ADMIN"], verificationLevel: 0 } as const;
  const user = toUser({ id: "1", ...names, ...rest, createdAtMs });
  const roles = ["ROLE_USER", "ROLE_ADMIN"];
  expect(toJson(UserSchema, create(UserSchema, user))).toEqual({
    id: "1",
    ...names,
    roles,
    createTime,
  });
});

test("a notification is shown with its sentence and its values", () => {
  const values = { amount: "1.00", asset: "IRR" };
  const told = { id: "1", personId: "2", type: "ACCOUNT_CHARGED", values, createdAtMs } as const;
  expect(toJson(NotificationSchema, create(NotificationSchema, toNotification(told)))).toEqual({
    id: "1",
    type: "TYPE_ACCOUNT_CHARGED",
    text: "1.00 IRR were added to your account.",
    values,
    createTime,
  });
});
