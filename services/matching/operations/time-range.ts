import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";

/** From when and before when something is listed, in milliseconds since 1970. */
export type TimeRange = { readonly fromMs: number; readonly beforeMs: number };

/** What a caller asks for: without a start from the beginning, without an end up to now. */
export function rangeOf({
  startTime,
  endTime,
}: {
  readonly startTime?: Timestamp | undefined;
  readonly endTime?: Timestamp | undefined;
}): TimeRange {
  return {
    fromMs: startTime ? Math.max(0, toMs(startTime)) : 0,
    beforeMs: endTime ? Math.max(0, toMs(endTime)) : LAST_MS,
  };
}

/** What happens has whole milliseconds: the parts of one round up. */
function toMs(time: Timestamp): number {
  return timestampMs({ ...time, nanos: Math.ceil(time.nanos / 1e6) * 1e6 });
}

/** The last millisecond that a timestamp has: the end of the year 9999. */
const LAST_MS = 253_402_300_799_999;
