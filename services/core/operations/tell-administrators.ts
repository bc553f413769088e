import { derivedId, uuidOf } from "#mesh/ids.ts";
import type { Notification } from "../domain/notification.ts";
import { listAdministrators } from "../store/administrators.ts";
import { insertNotifications } from "../store/notifications.ts";
import type { Queries } from "../store/tables.ts";

/** What administrators are told, each once for a cause. */
export type News = Omit<Notification, "id" | "personId"> & {
  /** Names what has happened, such as the id of its event. */
  readonly cause: string;
};

/** Tells every administrator of now, each once. */
export async function tellAdministrators(tx: Queries, news: News): Promise<void> {
  const { cause, type, values, createdAtMs } = news;
  const people = await listAdministrators(tx);
  const notifications = people.map((personId) => {
    const id = uuidOf(derivedId(`notification/${type}/${cause}/${personId}`));
    return { id, personId, type, values, createdAtMs };
  });
  if (notifications.length > 0) await insertNotifications(tx, notifications);
}
