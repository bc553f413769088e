import { type Notification, NotificationSchema } from "#gen/mizan/core/v1/notification_pb.ts";
import { toJson } from "@bufbuild/protobuf";
import { MAX_WAITING_NOTICES } from "#mesh/limits.ts";
import { type Backlog, createBacklog } from "./backlog.ts";
import { textOf } from "./told.ts";

/** A notification as the texts of WebSockets have it. */
export type Notice = { readonly text: Buffer };

/** What people are told by core, for those who are connected. */
export type Notices = {
  readonly tell: (userId: string, notification: Notification) => void;
  /** Has a reader told of what a person is told from now on, until it is disposed of. */
  readonly join: (userId: string) => Disposable & { readonly backlog: Backlog<Notice> };
};

/** Passes notifications on; those of people who are not connected are in their lists. */
export function createNotices(): Notices {
  const people = new Map<string, Set<Backlog<Notice>>>();
  return {
    tell: (userId, notification) => {
      const readers = people.get(userId);
      if (readers === undefined) return;
      const body = { notification: toJson(NotificationSchema, notification) };
      const one = { text: textOf({ channel: "notifications" }, body) };
      for (const reader of readers) reader.add(one);
    },
    join: (userId) => {
      const readers = people.get(userId) ?? new Set();
      people.set(userId, readers);
      const backlog = createBacklog<Notice>({ most: MAX_WAITING_NOTICES });
      readers.add(backlog);
      const leave = () => {
        readers.delete(backlog);
        if (readers.size === 0 && people.get(userId) === readers) people.delete(userId);
      };
      return { backlog, [Symbol.dispose]: leave };
    },
  };
}
