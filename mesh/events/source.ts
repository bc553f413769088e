import type { Bus } from "./bus.ts";
import type { StreamState } from "./bus-streams.ts";
import type { EventHeaders } from "./headers.ts";

/** Events in a gapless order, of which the relay publishes what the stream has not had yet. */
export type Source = {
  /** Names the source in the database, for good. */
  readonly name: string;
  /** Reads the events after a position, in order, `limit` at most. */
  readonly read: (after: number, limit: number) => Promise<readonly Item[]>;
  /** The position before the first event that can be published again. */
  readonly floor: () => Promise<number>;
  /** The position of the last event that has one. */
  readonly last: () => Promise<number>;
  /** Finds the last message of the source that the stream has. */
  readonly locate: (bus: Bus, stream: StreamState) => Promise<Found | undefined>;
};

/** An event on its way. */
export type Item = {
  readonly position: number;
  readonly id: string;
  readonly subject: string;
  readonly headers: EventHeaders;
  readonly payload: Uint8Array;
  readonly atMs: number;
};

/** A message of the stream and the position that it stands for. */
export type Found = { readonly position: number; readonly streamSeq: number };
