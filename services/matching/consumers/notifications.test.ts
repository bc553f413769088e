import { create } from "@bufbuild/protobuf";
import type { Kysely } from "kysely";
import { expect, test } from "vitest";
import { NotificationsMadeSchema } from "#gen/mizan/core/v1/events_pb.ts";
import { createNotices } from "../feed/notices.ts";
import { notificationsMade } from "./notifications.ts";

test("those who are connected are told what is theirs, others miss nothing of their lists", async () => {
  const notices = createNotices();
  using ann = notices.join("ann");
  const consumer = notificationsMade<never>(notices);
  const message = create(NotificationsMadeSchema, {
    notifications: [
      { userId: "bob", notification: { id: "1" } },
      { userId: "ann", notification: { id: "2", text: "Something." } },
    ],
  });
  if (!consumer.isRepeatable) throw new Error("it remembers events");
  const meta = { id: "", subject: "", key: "", atMs: 0 };
  await consumer.handle({} as Kysely<never>, message, meta);
  const told = await ann.backlog.take(0, new AbortController().signal);
  expect(told.map(({ text }) => JSON.parse(text.toString()) as unknown)).toEqual([
    { channel: "notifications", notification: { id: "2", text: "Something." } },
  ]);
});
