import type { CommitsEnd } from "../domain/fold/commits.ts";
import { createFold } from "../domain/fold/fold.ts";
import type { Fold } from "../domain/fold/state.ts";
import type { IdSum } from "../store/audit-ids.ts";

/** The books of a shard as an audit has made them anew so far. */
export type Remade = {
  readonly fold: Fold;
  /** Where the commits end that were seen. */
  readonly commits: CommitsEnd;
  /** The time of the last transfer that was read, in microseconds since 1970. */
  cursorUs: number;
  /** The last account that is known. */
  lastSlot: number;
  /** The ids of all transfers that were read. */
  ids: IdSum;
};

/** Nothing is read so far. */
export function createRemade(): Remade {
  return {
    fold: createFold(),
    commits: { lastSeq: 0 },
    cursorUs: 0,
    lastSlot: 0,
    ids: { count: 0, sum: 0n },
  };
}
