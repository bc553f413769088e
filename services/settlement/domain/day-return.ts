import type { Move } from "./move.ts";
import type { Attempt } from "./payout.ts";

/** An attempt whose amount counts no more against its provider's limit of a day. */
export type DayReturn = {
  readonly payoutId: string;
  readonly no: number;
  /** In minor units; less than zero for what counts again after all. */
  readonly amountMinor: bigint;
};

/**
 * What a move gives back to the limits of days (PAY-10): what surely was not paid counts no more,
 * and it does again where the provider has paid it after all. What is sent was counted before.
 */
export function dayReturns({ before, attempts }: Move): DayReturn[] {
  const { id: payoutId, amountMinor } = before;
  const known = new Map(before.attempts.map((attempt) => [attempt.no, attempt]));
  return attempts.flatMap((attempt) => {
    const { no, state } = attempt;
    const was = known.get(no);
    if (state === "CREATED" || was === undefined) return [];
    const [did, does] = [counts(was), counts(attempt)];
    if (did === does) return [];
    return [{ payoutId, no, amountMinor: did ? amountMinor : -amountMinor }];
  });
}

function counts({ isCounted, state }: Attempt): boolean {
  return isCounted && !unpaid.has(state);
}

/** Where an attempt has surely not been paid. */
const unpaid = new Set<Attempt["state"]>(["REJECTED", "NOT_SENT", "NOT_FOUND", "FAILED"]);
