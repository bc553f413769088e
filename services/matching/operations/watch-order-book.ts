import { BOOK_DEPTH_LEVELS, BOOK_SIGN_MS } from "#mesh/limits.ts";
import type { Feeding } from "../context.ts";
import { bookChannel } from "../feed/book.ts";
import { type BookTold, tellHeartbeat } from "../feed/book-messages.ts";
import { textsOf } from "../feed/market-texts.ts";
import { getListed } from "../domain/get-listed.ts";
import { follow, type Watch } from "./follow.ts";

/** Which book is followed, and how. */
export type WatchedBook = {
  readonly market: string;
  /** How many prices of each side a snapshot has; 0 is the usual number. */
  readonly depth: number;
  /** The sequence of the last change that is known; 0 for none. */
  readonly afterSequence: number;
  readonly isConflated: boolean;
};

/**
 * A book as it is, or what was missed of it, then each of its changes or those of 100 milliseconds
 * together, without a gap; signs of life while it is quiet. Throws MARKET_NOT_FOUND, OVERLOADED,
 * and what ends a stream.
 */
export async function* watchOrderBook(
  { markets, feed }: Pick<Feeding, "markets" | "feed">,
  wanted: WatchedBook,
  watch: Watch,
): AsyncGenerator<BookTold> {
  const market = getListed({ markets }, wanted.market);
  using _ = feed.seats.of(watch.who);
  using reader = feed.books.join(market, {
    ...wanted,
    depth: wanted.depth || BOOK_DEPTH_LEVELS.usual,
  });
  const texts = textsOf(market);
  let { sequence } = reader;
  let count = 0;
  const sign = () => {
    count += 1;
    return tellHeartbeat(texts, bookChannel(wanted.isConflated), { sequence, count });
  };
  if (reader.begin.length === 0) yield sign(); // that nothing was missed
  yield* reader.begin;
  for await (const changes of follow(reader.backlog, watch, watch.signMs ?? BOOK_SIGN_MS)) {
    for (const change of changes) {
      sequence = change.delta!.last;
      yield change;
    }
    if (changes.length === 0) yield sign();
  }
}
