import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type BookLevel, BookLevelSchema } from "#gen/mizan/matching/v1/market_pb.ts";
import {
  type GetOrderBookResponse,
  GetOrderBookResponseSchema,
  type WatchOrderBookResponse,
  WatchOrderBookResponseSchema,
} from "#gen/mizan/matching/v1/market_service_pb.ts";
import type { Delta } from "./delta.ts";
import type { Level, MarketTexts } from "./market-texts.ts";
import { told, type Told } from "./told.ts";

/** A message to those who follow a book. */
export type BookTold = Told<WatchOrderBookResponse> & {
  /** What it tells, where that is a change. */
  readonly delta?: Delta;
};

/** A book as it is after an event. */
export type BookState = {
  readonly sequence: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly atMs: number;
};

/** A book in the words of the contract. */
export function toOrderBook(texts: MarketTexts, book: BookState): GetOrderBookResponse {
  const { sequence, bids, asks, atMs } = book;
  return create(GetOrderBookResponseSchema, {
    market: texts.symbol,
    sequence: BigInt(sequence),
    bids: toLevels(texts, bids),
    asks: toLevels(texts, asks),
    checksum: texts.checksum(asks, bids),
    time: timestampFromMs(atMs),
  });
}

/** Tells a book as it is. */
export function tellSnapshot(texts: MarketTexts, channel: string, book: BookState): BookTold {
  return told(WatchOrderBookResponseSchema, { channel, market: texts.symbol }, () =>
    create(WatchOrderBookResponseSchema, {
      update: { case: "snapshot", value: toOrderBook(texts, book) },
    }),
  );
}

/** Tells what has changed. */
export function tellDelta(texts: MarketTexts, channel: string, delta: Delta): BookTold {
  const { first, last, bids, asks, checksum, atMs } = delta;
  const one = told(WatchOrderBookResponseSchema, { channel, market: texts.symbol }, () =>
    create(WatchOrderBookResponseSchema, {
      update: {
        case: "delta",
        value: {
          firstSequence: BigInt(first),
          sequence: BigInt(last),
          bids: toLevels(texts, bids),
          asks: toLevels(texts, asks),
          checksum,
          time: timestampFromMs(atMs),
        },
      },
    }),
  );
  return Object.defineProperty(one, "delta", { value: delta });
}

/** Tells that all is well, while nothing changes. */
export function tellHeartbeat(
  texts: MarketTexts,
  channel: string,
  { sequence, count }: { readonly sequence: number; readonly count: number },
): BookTold {
  const value = { sequence: BigInt(sequence), count: BigInt(count) };
  return told(WatchOrderBookResponseSchema, { channel, market: texts.symbol }, () =>
    create(WatchOrderBookResponseSchema, { update: { case: "heartbeat", value } }),
  );
}

function toLevels(texts: MarketTexts, levels: readonly Level[]): BookLevel[] {
  return levels.map(({ price, lots }) =>
    create(BookLevelSchema, {
      price: texts.price(price),
      size: lots === 0 ? "0" : texts.size(lots),
    }),
  );
}
