import { type News, toEach } from "../domain/notification.ts";
import { listAdministrators } from "../store/administrators.ts";
import { insertNotifications } from "../store/notifications.ts";
import type { Queries } from "../store/tables.ts";

/** Tells every administrator of now, each once. */
export async function tellAdministrators(tx: Queries, news: News): Promise<void> {
  const notifications = toEach(await listAdministrators(tx), news);
  if (notifications.length > 0) await insertNotifications(tx, notifications);
}
