/** A stretch of time in epoch milliseconds: the first is in it, the last is not. */
export type Stretch = { readonly startMs: number; readonly endMs: number };

/**
 * Reads a day such as 2026-01-31, all of it, or a time of ISO 8601, up to its last digit. What says
 * no zone is in UTC; a plus that a query has made a blank is one. Undefined for what is neither.
 */
export function readDate(text: string): Stretch | undefined {
  const [, day, time, fraction = "", zone] = form.exec(text) ?? [];
  if (day === undefined) return undefined;
  const midnightMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnightMs)) return undefined;
  if (new Date(midnightMs).toISOString().slice(0, 10) !== day) return undefined; // 31 February
  if (time === undefined) return { startMs: midnightMs, endMs: midnightMs + DAY_MS };
  const digits = fraction.slice(0, 3);
  const offset = (zone ?? "Z").replace(" ", "+").replace(/^(.\d\d):?(\d\d)$/, "$1:$2");
  const startMs = Date.parse(`${day}T${time.padEnd(8, ":00")}.${digits.padEnd(3, "0")}${offset}`);
  if (Number.isNaN(startMs)) return undefined;
  const isWholeSecond = fraction === "";
  return { startMs, endMs: startMs + (isWholeSecond ? 1000 : 1) };
}

const form =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+ -]\d\d:?\d\d)?)?$/;

const DAY_MS = 24 * 3600 * 1000;
