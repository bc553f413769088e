import { WATCH_SIGN_MS } from "#mesh/limits.ts";
import type { Notice, Notices } from "../feed/notices.ts";
import { follow, type Watch } from "./follow.ts";

/** What a person is told from now on. Throws what ends a stream. */
export async function* watchNotifications(
  notices: Pick<Notices, "join">,
  userId: string,
  watch: Watch,
): AsyncGenerator<Notice> {
  using reader = notices.join(userId);
  for await (const some of follow(reader.backlog, watch, watch.signMs ?? WATCH_SIGN_MS))
    yield* some;
}
