import { type News, toEach } from "../domain/notification.ts";
import { tell } from "../events.ts";
import { listAdministrators } from "../store/administrators.ts";
import type { Queries } from "../store/tables.ts";

/** Tells every administrator of now, each once. */
export async function tellAdministrators(tx: Queries, news: News): Promise<void> {
  const notifications = toEach(await listAdministrators(tx), news);
  await tell(tx, notifications);
}
