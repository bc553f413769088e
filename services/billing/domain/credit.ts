import type { Account } from "./account.ts";

/** What a merchant may have withdrawn before it pays back, in minor units. */
export type Credit = {
  readonly limitMinor: bigint;
  /** Withdrawn and not paid back. */
  readonly utilizedMinor: bigint;
  /** Reserved by withdrawals under way. */
  readonly heldMinor: bigint;
  readonly availableMinor: bigint;
};

/** What the pool that pays all merchants has, in minor units. */
export type Pool = {
  readonly availableMinor: bigint;
  /** Reserved by withdrawals under way. */
  readonly heldMinor: bigint;
  /** What administrators have put in, ever. */
  readonly toppedUpMinor: bigint;
};

/** Reads a credit off its two accounts: the limit is what both have together. */
export function creditOf(unused: Counters, used: Counters): Credit {
  const utilizedMinor = balanceOf(used);
  return {
    limitMinor: balanceOf(unused) + utilizedMinor,
    utilizedMinor,
    heldMinor: unused.debitsPending,
    availableMinor: balanceOf(unused) - unused.debitsPending,
  };
}

/** Reads the pool off its account; what was topped up the account alone does not tell. */
export function poolOf(pool: Counters, toppedUpMinor: bigint): Pool {
  const { debitsPending: heldMinor } = pool;
  return { availableMinor: balanceOf(pool) - heldMinor, heldMinor, toppedUpMinor };
}

type Counters = Readonly<Pick<Account, "debitsPending" | "debitsPosted" | "creditsPosted">>;

function balanceOf({ creditsPosted, debitsPosted }: Counters): bigint {
  return creditsPosted - debitsPosted;
}
