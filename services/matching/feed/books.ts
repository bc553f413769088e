import { BOOK_KEPT_MS } from "#mesh/limits.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { type Book, type BookReader, followBook, type WantedBook } from "./book.ts";
import { textsOf } from "./market-texts.ts";
import type { FedBatch, MarketBatch } from "./read-batch.ts";

/** The books that somebody follows, or did a moment ago. */
export type Books = {
  readonly isFollowed: (market: number) => boolean;
  readonly apply: (change: MarketBatch, batch: FedBatch) => void;
  /** Tells those who take changes together, and forgets the books that nobody follows any more. */
  readonly tick: (nowMs: number) => void;
  readonly join: (market: ListedMarket, wanted: WantedBook) => BookReader;
  readonly readers: () => number;
};

/** Follows books for as long as somebody wants that, since it costs something with each batch. */
export function createBooks(engine: () => FedBatch["engine"], nowMs: () => number): Books {
  const books = new Map<number, { readonly book: Book; leftMs: number }>();
  return {
    isFollowed: (market) => books.has(market),
    apply: (change, batch) => books.get(change.no)?.book.apply(change, batch),
    tick: (atMs) => {
      for (const [no, one] of books) {
        one.book.tick();
        if (one.book.readers() > 0) one.leftMs = atMs;
        else if (atMs - one.leftMs > BOOK_KEPT_MS) books.delete(no);
      }
    },
    join: (market, wanted) => {
      const one = books.get(market.no) ?? {
        book: followBook(textsOf(market), engine(), nowMs()),
        leftMs: nowMs(),
      };
      books.set(market.no, one);
      return one.book.join(wanted);
    },
    readers: () => books.values().reduce((sum, { book }) => sum + book.readers(), 0),
  };
}
