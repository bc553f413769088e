import { type BookState, type BookTold, tellSnapshot } from "./book-messages.ts";
import type { MarketTexts } from "./market-texts.ts";

/** Shows a book to many who ask at the same time; what it is made of is asked for when it is not kept. */
export type BookSnapshots = (
  wanted: { readonly sequence: number; readonly channel: string; readonly depth: number },
  make: () => BookState,
) => BookTold;

/** Keeps the snapshots of a sequence until there is another one. */
export function keepSnapshots(texts: MarketTexts): BookSnapshots {
  const kept = new Map<string, BookTold>();
  let keptAt = -1;
  return ({ sequence, channel, depth }, make) => {
    if (keptAt !== sequence) kept.clear();
    keptAt = sequence;
    const key = `${channel} ${depth}`;
    const snapshot = kept.get(key) ?? tellSnapshot(texts, channel, make());
    if (kept.size < MAX_KEPT) kept.set(key, snapshot);
    return snapshot;
  };
}

/** How many of different depths are kept. */
const MAX_KEPT = 8;
