import type { Bounds } from "./work.ts";
import type { Writer } from "./writer.ts";

/**
 * Waits until all that was decided before is committed and all that is due has expired, so that
 * the store may be read without showing as held what is not (EXT-4).
 */
export async function caughtUp(writer: Writer, bounds: Bounds): Promise<void> {
  await writer.submit({ ...bounds, eventCount: 1, decide: () => {} });
}
