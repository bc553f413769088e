/** A payout, as far as its provider's statements have to agree with it. */
export type StatedPayout = {
  readonly amountMinor: bigint;
  /** Whether the provider of the statement has paid it. */
  readonly isPaid: boolean;
  /** Whether it has also been sent back. */
  readonly isReturned: boolean;
};

/** A line that carries the reference of the payout. */
export type JudgedLine = {
  readonly id: string;
  readonly isIncoming: boolean;
  readonly amountMinor: bigint;
};

/** Where a line belongs. */
export type Bucket = "MATCHED" | "EXTRA" | "AMOUNT_DIFFERS";

/** What is to be thought of a payout and of all lines that carry its reference. */
export type Judgement = {
  /** The bucket of each line, by its id. */
  readonly buckets: ReadonlyMap<string, Bucket>;
  /** Whether the lines, out less in, come to what we have paid: no difference is open then. */
  readonly isExplained: boolean;
  /** Whether a statement shows the payment, right or wrong: it is not missing then. */
  readonly isShown: boolean;
  /** Whether money seems to have come back that we don't know as returned: the provider knows. */
  readonly isReturnToAsk: boolean;
  /**
   * Whether the payment has left the account at the provider in full, as the ledger may book. What
   * is booked stays, also when a later line makes this false again.
   */
  readonly isBookable: boolean;
};

/**
 * Compares a payout with all lines that carry its reference, whenever these came and in whichever
 * order: by the reference, then by the amount. One line may be the payment, and one the return; the
 * line of the right amount comes before others, then the smallest id.
 */
export function judgeLines(payout: StatedPayout, lines: readonly JudgedLine[]): Judgement {
  const { amountMinor, isPaid, isReturned } = payout;
  const [out, back] = [lines.filter(isOut), lines.filter(isBack)];
  const paidMinor = isPaid ? amountMinor : 0n;
  const returnedMinor = isPaid && isReturned ? amountMinor : 0n;
  const outgoing = bucketsOf(out, paidMinor);
  const isMatched = outgoing.some(([, bucket]) => bucket === "MATCHED");
  const isExplained = lines.length > 0 && sum(out) - sum(back) === paidMinor - returnedMinor;
  return {
    buckets: new Map([...outgoing, ...bucketsOf(back, returnedMinor)]),
    isExplained,
    isShown: isPaid && out.length > 0,
    isReturnToAsk: isPaid && !isReturned && back.length > 0 && !isExplained,
    isBookable: isPaid && out.length > 0 && (isMatched || isExplained),
  };
}

/** The buckets of the lines of one direction; nothing is expected when the amount is 0. */
function bucketsOf(lines: readonly JudgedLine[], expectedMinor: bigint): [string, Bucket][] {
  const isRight = ({ amountMinor }: JudgedLine) => amountMinor === expectedMinor;
  const [first, ...rest] = lines.toSorted((one, other) => {
    if (isRight(one) !== isRight(other)) return isRight(one) ? -1 : 1;
    return one.id < other.id ? -1 : 1;
  });
  if (first === undefined) return [];
  return [
    [first.id, firstBucket(isRight(first), expectedMinor)],
    ...rest.map(({ id }): [string, Bucket] => [id, "EXTRA"]),
  ];
}

function firstBucket(isRight: boolean, expectedMinor: bigint): Bucket {
  if (expectedMinor === 0n) return "EXTRA";
  return isRight ? "MATCHED" : "AMOUNT_DIFFERS";
}

function isOut({ isIncoming }: JudgedLine): boolean {
  return !isIncoming;
}

function isBack({ isIncoming }: JudgedLine): boolean {
  return isIncoming;
}

function sum(lines: readonly JudgedLine[]): bigint {
  return lines.reduce((total, { amountMinor }) => total + amountMinor, 0n);
}
