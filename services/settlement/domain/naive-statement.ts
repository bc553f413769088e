import type { StatementLine } from "./statement-line.ts";

/** A payout of the provider, as the naive comparison knows it. */
export type NaivePayout = {
  readonly reference: string;
  readonly amountMinor: bigint;
  readonly isPaid: boolean;
  readonly isReturned: boolean;
};

/**
 * The buckets in words: "<kind> <line or reference>", with a star where it is explained, and
 * "BOOKED <reference>" for a payment that has left the account in full.
 */
export type NaiveBuckets = readonly string[];

/**
 * Compares all payouts with all lines at once, slowly and in the plainest way: the oracle of what
 * the store finds out bit by bit.
 */
export function naiveStatement(
  payouts: readonly NaivePayout[],
  lines: readonly StatementLine[],
): NaiveBuckets {
  const distinct = [...new Map(lines.map((line) => [line.id, line])).values()];
  const words: string[] = [];
  const left = new Set(distinct);
  for (const payout of payouts) {
    const own = distinct.filter(({ reference }) => reference === payout.reference);
    for (const line of own) left.delete(line);
    words.push(...ofPayout(payout, own));
  }
  for (const { id } of left) words.push(`EXTRA ${id}`);
  return words.toSorted();
}

function ofPayout(payout: NaivePayout, lines: readonly StatementLine[]): string[] {
  const { reference, amountMinor, isPaid, isReturned } = payout;
  let netMinor = 0n;
  for (const line of lines) netMinor += line.isIncoming ? -line.amountMinor : line.amountMinor;
  const star = netMinor === (isPaid && !isReturned ? amountMinor : 0n) ? "*" : "";
  const words: string[] = [];
  const isLeft = lines.some((line) => !line.isIncoming && line.amountMinor === amountMinor);
  const isExplained = star === "*" && lines.some((line) => !line.isIncoming);
  if (isPaid && (isLeft || isExplained)) words.push(`BOOKED ${reference}`);
  for (const isIncoming of [false, true]) {
    const same = lines.filter((line) => line.isIncoming === isIncoming);
    const ids = same.map(({ id }) => id).toSorted();
    const rightIds = ids.filter(
      (id) => same.find((line) => line.id === id)!.amountMinor === amountMinor,
    );
    const isExpected = isIncoming ? isPaid && isReturned : isPaid;
    const chosen = isExpected ? (rightIds[0] ?? ids[0]) : undefined;
    for (const id of ids) {
      if (id !== chosen) words.push(`EXTRA ${id}${star}`);
      else if (rightIds.length > 0) words.push(`MATCHED ${id}`);
      else words.push(`AMOUNT_DIFFERS ${id}${star}`);
    }
    if (!isIncoming && isPaid && ids.length === 0) words.push(`MISSING ${reference}`);
  }
  return words;
}
