import type { Bounds } from "./work.ts";
import type { Writer } from "./writer.ts";

/** The moment up to which the store may be read: what comes later is after it. */
export type Moment = {
  /** The last transfer of the shard by then; 0 while there is none. */
  readonly lastSeq: number;
  /** Its time, and the database's by then, in microseconds since 1970. */
  readonly lastAtUs: number;
  readonly nowUs: number;
};

/**
 * Waits until all that was decided before is committed and all that is due has expired, so that
 * the store may be read without showing as held what is not (EXT-4). Returns the moment of that.
 */
export async function caughtUp(writer: Writer, bounds: Bounds): Promise<Moment> {
  return writer.submit({
    ...bounds,
    eventCount: 1,
    decide: ({ ledger: { lastSeq, lastAtUs }, atUs: nowUs }) => ({ lastSeq, lastAtUs, nowUs }),
  });
}
