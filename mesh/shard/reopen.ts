import { setTimeout as sleep } from "node:timers/promises";
import { REOPEN_MS } from "../limits.ts";
import type { Log } from "../log.ts";

/** How books are opened anew, and when not. */
export type Reopening<B> = {
  readonly shard: number;
  /** Opens the books; undefined when the shard is another writer's. */
  readonly take: () => Promise<B | undefined>;
  /** Whether an error says that the books must not be opened without a person. */
  readonly isFinal: (error: unknown) => boolean;
  readonly isClosing: () => boolean;
  readonly log: Log;
};

/**
 * Opens books again as soon as the database lets us; undefined when we close before. Throws Deposed,
 * and what is final.
 */
export async function reopen<B>(reopening: Reopening<B>): Promise<B | undefined> {
  const { shard, take, isFinal, isClosing, log } = reopening;
  for (;;) {
    try {
      const books = await take();
      if (books === undefined) throw new Deposed(`another writer holds shard ${shard}`);
      return books;
    } catch (error) {
      if (error instanceof Deposed || isFinal(error)) throw error;
      if (isClosing()) return undefined;
      log.warn({ err: error }, "the books can't be opened yet");
    }
    await sleep(REOPEN_MS);
  }
}

/** Another writer has taken the shard. This one must never write again (WR-6, X3). */
class Deposed extends Error {
  override readonly name = "Deposed";
}
