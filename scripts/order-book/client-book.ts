import { crc32 } from "node:zlib";

/** A level as the feed tells it: decimals of the market. */
export type Level = { readonly price: string; readonly size: string };

/** A text of the channel "book", read as JSON: one of the three, whose empty fields are left out. */
export type BookMessage = {
  readonly snapshot?: Told & { readonly sequence?: string };
  readonly delta?: Told & { readonly firstSequence: string; readonly sequence: string };
  readonly heartbeat?: { readonly sequence?: string; readonly count: string };
};

type Told = {
  readonly bids?: readonly Level[];
  readonly asks?: readonly Level[];
  readonly checksum?: number;
};

/** What a message does to the book of a client; after a gap it has to begin anew. */
type Taken = "applied" | "known" | "gap";

/** The book of a client, which finds out by itself when it missed something. */
export type ClientBook = {
  readonly take: (message: BookMessage) => Taken;
  /** The best levels first. */
  readonly bids: () => Level[];
  readonly asks: () => Level[];
  /** The last change that is in it. */
  readonly sequence: () => bigint;
};

/**
 * Follows a book (FEED-2): what is known already is dropped, the first change has to begin at or
 * before the next number, each further one at it, and the checksum has to be that of the book.
 */
export function clientBook(): ClientBook {
  const levels = { bids: new Map<string, string>(), asks: new Map<string, string>() };
  let sequence: bigint | undefined;
  const bids = () => sorted(levels.bids).toReversed();
  const asks = () => sorted(levels.asks);
  const put = (told: Told) => {
    for (const side of ["bids", "asks"] as const) {
      for (const { price, size } of told[side] ?? []) {
        if (size === "0") levels[side].delete(price);
        else levels[side].set(price, size);
      }
    }
    return (told.checksum ?? 0) === checksumOf(asks(), bids());
  };
  const take = ({ snapshot, delta, heartbeat }: BookMessage): Taken => {
    if (snapshot !== undefined) {
      levels.bids.clear();
      levels.asks.clear();
      sequence = BigInt(snapshot.sequence ?? 0);
      return put(snapshot) ? "applied" : "gap";
    }
    if (sequence === undefined) return "known"; // the snapshot is still to come
    if (heartbeat !== undefined) {
      return BigInt(heartbeat.sequence ?? 0) > sequence ? "gap" : "known";
    }
    const [first, last] = [BigInt(delta!.firstSequence), BigInt(delta!.sequence)];
    if (last <= sequence) return "known";
    if (first > sequence + 1n) return "gap";
    sequence = last;
    return put(delta!) ? "applied" : "gap";
  };
  return { take, bids, asks, sequence: () => sequence ?? 0n };
}

/** The checksum of a book: over its ten best levels, as the service makes it (FEED-4). */
export function checksumOf(asks: readonly Level[], bids: readonly Level[]): number {
  const top = [...asks.slice(0, 10), ...bids.slice(0, 10)];
  return crc32(top.map(({ price, size }) => digitsOf(price) + digitsOf(size)).join(""));
}

/** A decimal without point and leading zeros. */
function digitsOf(decimal: string): string {
  return decimal.replace(".", "").replace(/^0+/, "");
}

/** From the lowest price on: all prices of a market have the same number of decimals. */
function sorted(side: ReadonlyMap<string, string>): Level[] {
  const levels = Array.from(side, ([price, size]) => ({ price, size }));
  return levels.toSorted((one, other) => {
    return one.price.length - other.price.length || (one.price < other.price ? -1 : 1);
  });
}
