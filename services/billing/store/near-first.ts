/** A stretch of time: from one moment and before another, in microseconds since 1970. */
export type TimeRange = { readonly fromUs: number; readonly beforeUs: number };

/** Where a look goes, and how many rows are enough. */
export type Within = TimeRange & { readonly limit: number };

/**
 * Divides a range into its nearest part and the rest, for lists that go through many months: most
 * pages end in the first, and a statement of all months takes longer to plan than to run.
 */
export function nearFirst({ fromUs, beforeUs }: TimeRange, isOldestFirst = false): TimeRange[] {
  if (beforeUs <= fromUs) return [];
  if (beforeUs - fromUs <= NEAR_US) return [{ fromUs, beforeUs }];
  const borderUs = isOldestFirst ? fromUs + NEAR_US : beforeUs - NEAR_US;
  const [older, newer] = [
    { fromUs, beforeUs: borderUs },
    { fromUs: borderUs, beforeUs },
  ];
  return isOldestFirst ? [older, newer] : [newer, older];
}

/** Two months, in microseconds. */
const NEAR_US = 62 * 24 * 3600 * 1_000_000;
