import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Core } from "../context.ts";
import type { Notification } from "../domain/notification.ts";
import * as store from "../store/notifications.ts";

/** One page of what a user was told, newest first, and the token of the next page. */
export async function listNotifications(
  core: Core,
  userId: string,
  page: { readonly pageSize: number; readonly pageToken: string },
): Promise<{ notifications: Notification[]; nextPageToken: string }> {
  const begin = fromPageToken(page.pageToken, LIST);
  const after = begin && { createdAtMs: Number(begin[0]), id: begin[1]! };
  const limit = pageSize(page.pageSize);
  const found = await store.listNotifications(core.db.sql, userId, { after, limit: limit + 1 });
  const notifications = found.slice(0, limit);
  const last = found.length > limit ? notifications.at(-1) : undefined;
  const nextPageToken = last ? toPageToken([String(last.createdAtMs), last.id], LIST) : "";
  return { notifications, nextPageToken };
}

const LIST = "notifications";
