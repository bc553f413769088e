import type { Account } from "./account.ts";
import { balanceIn } from "./balance-field.ts";
import type { Condition } from "./condition.ts";
import type { NewTransfer, Sides, TransferStatus } from "./transfer.ts";

/** What a transfer adds to the pending and to the posted counter of each of its sides. */
export type Effect = { readonly pending: bigint; readonly posted: bigint };

/**
 * Which wish of the caller does not come true: the statuses 57 and 58. Versions are judged before
 * the transfer, balances as it would leave them. Posts and voids are judged like all others.
 */
export function findUnmet(
  event: NewTransfer,
  sides: Sides,
  effect: Effect,
): TransferStatus | undefined {
  const { expectedDebitVersion, expectedCreditVersion, conditions } = event;
  if (!isExpected(sides.debit, expectedDebitVersion)) return "version_mismatch";
  if (!isExpected(sides.credit, expectedCreditVersion)) return "version_mismatch";
  const areMet = conditions === undefined || conditions.every((one) => isMet(one, sides, effect));
  return areMet ? undefined : "condition_not_met";
}

/** Whether the caller has a wish; most have none, and pay nothing for it. */
export function isConditional(event: NewTransfer): boolean {
  return (
    event.conditions !== undefined ||
    event.expectedDebitVersion !== undefined ||
    event.expectedCreditVersion !== undefined
  );
}

function isExpected({ version }: Account, expected: number | undefined): boolean {
  return expected === undefined || version === expected;
}

function isMet({ side, field, op, amountMinor }: Condition, sides: Sides, effect: Effect) {
  const balance = balanceIn[field](sides[side]) + gains[side][field](effect);
  return operators[op](balance, amountMinor);
}

const gains: Readonly<
  Record<Condition["side"], Record<Condition["field"], (effect: Effect) => bigint>>
> = {
  debit: {
    posted: ({ posted }) => -posted,
    available: ({ pending, posted }) => -posted - pending,
    incoming: () => 0n,
  },
  credit: {
    posted: ({ posted }) => posted,
    available: ({ posted }) => posted,
    incoming: ({ pending }) => pending,
  },
};

const operators: Readonly<
  Record<Condition["op"], (balance: bigint, amountMinor: bigint) => boolean>
> = {
  gt: (balance, amountMinor) => balance > amountMinor,
  gte: (balance, amountMinor) => balance >= amountMinor,
  eq: (balance, amountMinor) => balance === amountMinor,
  lte: (balance, amountMinor) => balance <= amountMinor,
  lt: (balance, amountMinor) => balance < amountMinor,
};
