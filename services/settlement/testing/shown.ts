import {
  type Payout,
  Payout_Stage,
  Payout_State,
  PayoutAttempt_State,
} from "#gen/mizan/settlement/v1/payout_pb.ts";

/** Where a payout stands and what was tried, in words. */
export function shown({ state, stage, reason, attempts, isContradicted }: Payout) {
  const at = stage === Payout_Stage.UNSPECIFIED ? "" : ` ${wordOf(Payout_Stage, stage)}`;
  return {
    state: wordOf(Payout_State, state) + at,
    reason,
    attempts: attempts.map((one) => `${one.provider} ${wordOf(PayoutAttempt_State, one.state)}`),
    isContradicted,
  };
}

/** The word of a number of an enum. */
export function wordOf(words: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(words).find((word) => words[word] === number) ?? String(number);
}
