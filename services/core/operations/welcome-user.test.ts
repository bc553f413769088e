import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { UserRegisteredSchema } from "#gen/mizan/core/v1/events_pb.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { listNotifications } from "./list-notifications.ts";
import { registerUser } from "./register-user.ts";
import { welcomeUser } from "./welcome-user.ts";

test("a user is welcomed once, however often the event comes", async () => {
  await using running = await testCore();
  const { core } = running;
  const names = { username: "sara", email: "", phoneNumber: "" };
  const request = { ...names, requestId: "", password: "blue tea pot 7" };
  const { user } = await registerUser(core, request, callWith());
  const event = create(UserRegisteredSchema, { userId: user!.id, eventTime: timestampNow() });
  await welcomeUser(core.db.sql, event);
  await welcomeUser(core.db.sql, event);
  const page = await listNotifications(core, user!.id, { pageSize: 0, pageToken: "" });
  expect(page.notifications).toMatchObject([{ type: "WELCOME" }]);
});
