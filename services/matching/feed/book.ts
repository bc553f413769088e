import { MAX_WAITING_DELTAS, MAX_WAITING_LEVELS } from "#mesh/limits.ts";
import { CHECKED_LEVELS } from "../domain/checksum.ts";
import { type Backlog, createBacklog } from "./backlog.ts";
import { type BookTold, tellDelta } from "./book-messages.ts";
import { keepSnapshots } from "./book-snapshots.ts";
import { type Delta, joinDeltas, levelsOf } from "./delta.ts";
import { keepDeltas } from "./kept-deltas.ts";
import type { Level, MarketTexts } from "./market-texts.ts";
import type { FedBatch, MarketBatch } from "./read-batch.ts";
import { showLevels } from "./shown-levels.ts";

/** The book of one market, as those see it who follow it. */
export type Book = {
  /** Takes what a batch has done to the market. */
  readonly apply: (change: MarketBatch, batch: FedBatch) => void;
  /** Tells those who take the changes of 100 milliseconds together what there is. */
  readonly tick: () => void;
  readonly join: (wanted: WantedBook) => BookReader;
  readonly readers: () => number;
};

/** How somebody wants to follow a book. */
export type WantedBook = {
  readonly depth: number;
  /** The last sequence that is known; 0 for none. */
  readonly afterSequence: number;
  readonly isConflated: boolean;
};

/** Somebody who follows a book, until it is disposed of. */
export type BookReader = Disposable & {
  /** What comes first: a snapshot, or the changes that were missed. */
  readonly begin: readonly BookTold[];
  /** The sequence that is known with that. */
  readonly sequence: number;
  readonly backlog: Backlog<BookTold>;
};

/** The names of the two speeds (FEED-3). */
export const bookChannel = (isConflated: boolean) => (isConflated ? "book:100ms" : "book");

/**
 * Begins to follow the book of a market: it knows what its readers know, so that a change is told
 * once and as it is, and keeps the latest changes, for those who come back.
 */
export function followBook(texts: MarketTexts, begin: FedBatch["engine"], nowMs: number): Book {
  const { no } = texts;
  const [readers, slowReaders] = [new Set<Backlog<BookTold>>(), new Set<Backlog<BookTold>>()];
  const [shown, kept, snapshots] = [showLevels(no, begin), keepDeltas(), keepSnapshots(texts)];
  const firstSeq = begin.market(no)?.seq ?? 0;
  // What its readers know by now, and which event was the last: not every event changes the book.
  let [last, seen, atMs, engine] = [firstSeq, firstSeq, nowMs, begin];
  let gathered: Delta[] = [];

  const tell = (bids: readonly Level[], asks: readonly Level[]) => {
    const asksNow = engine.depth(no, "SELL", CHECKED_LEVELS);
    const bidsNow = engine.depth(no, "BUY", CHECKED_LEVELS);
    const checksum = texts.checksum(asksNow, bidsNow);
    const delta: Delta = { first: last + 1, last: seen, bids, asks, checksum, atMs };
    last = seen;
    kept.add(delta);
    if (slowReaders.size > 0) gathered.push(delta);
    if (readers.size === 0) return;
    const one = tellDelta(texts, bookChannel(false), delta);
    for (const reader of readers) reader.add(one);
  };
  const apply: Book["apply"] = (change, batch) => {
    if (change.lastSeq <= seen) return;
    const isNext = change.firstSeq === seen + 1;
    [engine, atMs, seen] = [batch.engine, batch.atMs, change.lastSeq];
    const bids = shown.changes("BUY", engine, isNext ? change.bids : undefined);
    const asks = shown.changes("SELL", engine, isNext ? change.asks : undefined);
    if (bids.length + asks.length > 0) tell(bids, asks);
  };
  const tick = () => {
    if (gathered.length === 0) return;
    const one = tellDelta(texts, bookChannel(true), joinDeltas(gathered));
    gathered = [];
    for (const reader of slowReaders) reader.add(one);
  };
  const beginOf = ({ depth, afterSequence, isConflated }: WantedBook) => {
    const channel = bookChannel(isConflated);
    const missed = afterSequence === last ? [] : kept.since(afterSequence);
    if (afterSequence === 0 || afterSequence > seen || missed === undefined) {
      const make = () => ({
        sequence: last,
        bids: engine.depth(no, "BUY", depth),
        asks: engine.depth(no, "SELL", depth),
        atMs,
      });
      return { begin: [snapshots({ sequence: last, channel, depth }, make)], sequence: last };
    }
    const deltas = isConflated && missed.length > 0 ? [joinDeltas(missed)] : missed;
    const told = deltas.map((delta) => tellDelta(texts, channel, delta));
    return { begin: told, sequence: Math.max(afterSequence, last) };
  };
  const join: Book["join"] = (wanted) => {
    tick(); // so that all who take changes together go on from the same event
    const { isConflated } = wanted;
    const backlog = isConflated ? slowBacklog(texts) : rawBacklog();
    const group = isConflated ? slowReaders : readers;
    group.add(backlog);
    return { ...beginOf(wanted), backlog, [Symbol.dispose]: () => void group.delete(backlog) };
  };
  return { apply, tick, join, readers: () => readers.size + slowReaders.size };
}

/** A reader of every change is ended when it is too far behind. */
function rawBacklog(): Backlog<BookTold> {
  return createBacklog({ most: MAX_WAITING_DELTAS });
}

/** A reader of changes taken together gets the more of them in one, the slower it is. */
function slowBacklog(texts: MarketTexts): Backlog<BookTold> {
  const squeeze = (all: readonly BookTold[]) => {
    const joined = joinDeltas(all.map(({ delta }) => delta!));
    return [tellDelta(texts, bookChannel(true), joined)];
  };
  return createBacklog({ most: MAX_WAITING_LEVELS, weigh, squeeze });
}

function weigh({ delta }: BookTold): number {
  return Math.max(1, levelsOf(delta!));
}
