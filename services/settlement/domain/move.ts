import type { Attempt, Payout } from "./payout.ts";

/** An attempt as it is to be written. */
export type WrittenAttempt = Attempt & {
  /** The provider's answer, with account numbers masked; undefined keeps the one before. */
  readonly raw?: string;
  /** In how many milliseconds a call has surely ended that begins now; undefined for no call. */
  readonly callEndsInMs?: number;
};

/** Something about a payout that needs somebody. */
export type Concern = {
  readonly kind: "OUTCOME_UNKNOWN" | "CONTRADICTED" | "FUNDS_LOW";
  readonly provider: string;
  readonly detail: string;
};

/** A change of a payout, to be written if it still has the version that it had. */
export type Move = {
  readonly before: Payout;
  /** The payout after each step of it, each one version further; the last one stays. */
  readonly steps: readonly Payout[];
  /** The attempts that are new or have changed. */
  readonly attempts: readonly WrittenAttempt[];
  /**
   * When a payout that has not ended is looked at next; Infinity while it waits for people, absent
   * when it stays as it was.
   */
  readonly dueInMs?: number;
  readonly concerns?: readonly Concern[];
};

/** The payout as a move leaves it. */
export function afterMove({ before, steps }: Pick<Move, "before" | "steps">): Payout {
  return steps.at(-1) ?? before;
}

/** The attempts of a payout with some of them changed or new, in their order. */
export function withAttempts(payout: Payout, changed: readonly Attempt[]): readonly Attempt[] {
  const byNo = new Map(payout.attempts.map((attempt) => [attempt.no, attempt]));
  for (const attempt of changed) byNo.set(attempt.no, attempt);
  return [...byNo.values()].toSorted((one, other) => one.no - other.no);
}

/** Two moves of a payout, one after the other, as one. */
export function joinMoves(first: Move | undefined, then: Move): Move {
  if (first === undefined) return then;
  const attempts = new Map(first.attempts.map((attempt) => [attempt.no, attempt]));
  for (const attempt of then.attempts)
    attempts.set(attempt.no, { ...attempts.get(attempt.no), ...attempt });
  const concerns = [...(first.concerns ?? []), ...(then.concerns ?? [])];
  return {
    ...first,
    ...then,
    before: first.before,
    steps: [...first.steps, ...then.steps],
    attempts: [...attempts.values()],
    ...(concerns.length > 0 && { concerns }),
  };
}
