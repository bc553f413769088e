import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { NotificationSchema } from "#gen/mizan/core/v1/notification_pb.ts";
import { createNotices } from "../feed/notices.ts";
import { watchNotifications } from "./watch-notifications.ts";

test("a stream tells one person, until it is left", async () => {
  const notices = createNotices();
  const { signal } = new AbortController();
  const watch = { who: "192.0.2.1", signal, endMs: Infinity };
  const stream = watchNotifications(notices, "ann", watch);
  const first = stream.next();
  for (const userId of ["bob", "ann"])
    notices.tell(userId, create(NotificationSchema, { id: userId }));
  expect(JSON.parse((await first).value!.text.toString())).toEqual({
    channel: "notifications",
    notification: { id: "ann" },
  });
  await stream.return(undefined);
  expect((await stream.next()).done).toBe(true);
});
