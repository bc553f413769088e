import { derivedId } from "#mesh/ids.ts";
import { type Move, withAttempts, type WrittenAttempt } from "./move.ts";
import type { Attempt, Payout } from "./payout.ts";
import { moveTo } from "./payout-machine.ts";
import type { Sent } from "./route.ts";

/** Our reference for a payout at a provider: the same for every retry there (PAY-2). */
export function ourReference(payoutId: string, provider: string): string {
  return derivedId(`payout/${payoutId}/${provider}`);
}

/** The first attempt of a payout at a provider, or the same one again. */
export function attemptAt(
  payout: Pick<Payout, "id" | "attempts">,
  { provider, isCounted }: Sent,
): Attempt {
  const known = payout.attempts.find((attempt) => attempt.provider === provider);
  if (known !== undefined) return { ...known, state: "CREATED", code: "", text: "", isCounted };
  return {
    no: payout.attempts.length + 1,
    provider,
    ourRef: ourReference(payout.id, provider),
    state: "CREATED",
    providerRef: "",
    code: "",
    text: "",
    isCounted,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

/** Takes a queued payout to a provider: the attempt is written before any call (PAY-2). */
export function sendPayout(before: Payout, to: Sent, callEndsInMs: number): Move {
  const attempt: WrittenAttempt = { ...attemptAt(before, to), callEndsInMs };
  const after = moveTo(before, "SENDING SUBMITTING", {
    provider: to.provider,
    attempts: withAttempts(before, [attempt]),
    tries: before.tries,
  });
  return { before, steps: [after], attempts: [attempt], dueInMs: callEndsInMs };
}

/** Nobody has heard of a call that must have ended by now: it may have arrived (PAY-3). */
export function loseCall(before: Payout): Move {
  const attempt = currentAttempt(before);
  const lost: Attempt = { ...attempt, state: "UNKNOWN", code: "NO_OUTCOME" };
  const after = moveTo(before, "UNKNOWN", {
    reason: "NO_OUTCOME",
    attempts: withAttempts(before, [lost]),
  });
  return { before, steps: [after], attempts: [lost], dueInMs: 0 };
}

/** The attempt that a payout is at, or was at last. */
export function currentAttempt({ attempts, provider }: Payout): Attempt {
  const current = attempts.find((attempt) => attempt.provider === provider);
  if (current === undefined) throw new Error(`a payout at ${provider} has no attempt there`);
  return current;
}
