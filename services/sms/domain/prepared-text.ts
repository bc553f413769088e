import type { Encoding, Lane, TrafficClass } from "./message.ts";

/** A text that may be sent, and what it costs. */
export type PreparedText = {
  /** E.164; empty when a text is looked at alone. */
  readonly receiver: string;
  readonly operator: string;
  readonly sender: string;
  readonly content: string;
  readonly lane: Lane;
  readonly trafficClass: TrafficClass;
  readonly encoding: Encoding;
  readonly segments: number;
  /** Of all segments, in minor units. */
  readonly price: bigint;
  readonly validityMs: number;
  /** Until when after its acceptance it is promised to be at the operator (LANE-1). */
  readonly promiseMs: number | undefined;
  readonly clientReference: string;
  readonly tags: readonly string[];
};
