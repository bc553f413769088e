import { PAYOUT_TRANSIT_LOOK_MS } from "#mesh/limits.ts";
import { endUnpaid } from "./decide-outcome.ts";
import { type Move, withAttempts } from "./move.ts";
import type { Attempt, Payout } from "./payout.ts";
import { moveTo } from "./payout-machine.ts";
import { currentAttempt } from "./send-payout.ts";

/** How many different administrators let a large payout go, or say how an unknown one ended. */
export const NEEDED_OPINIONS = 2;

/** What administrators say that became of a payout whose provider does not tell. */
export type Resolution =
  | { readonly kind: "PAID"; readonly bankReference: string }
  | { readonly kind: "NOT_PAID"; readonly reason: string };

/** Lets a payout go that waited for administrators. */
export function approve(before: Payout): Move {
  return { before, steps: [moveTo(before, "PENDING QUEUED")], attempts: [], dueInMs: 0 };
}

/** Calls a payout off that is with no provider (PAY-6). */
export function cancel(before: Payout, reason: string): Move {
  return { before, steps: [moveTo(before, "CANCELLED", { reason })], attempts: [], dueInMs: 0 };
}

/** Why a payout is unknown that its provider has accepted, and has not ended for too long. */
export const NO_END = "NO_END";

/** Leaves to people how a payout ends that its provider has accepted (PAY-5). */
export function handOver(before: Payout): Move {
  const after = moveTo(before, "UNKNOWN", { reason: NO_END });
  return { before, steps: [after], attempts: [], dueInMs: PAYOUT_TRANSIT_LOOK_MS };
}

/** Ends a payout of unknown outcome as people have found it at the bank (PAY-5). */
export function resolve(before: Payout, resolution: Resolution): Move {
  const isPaid = resolution.kind === "PAID";
  const current = currentAttempt(before);
  const attempt: Attempt = {
    ...current,
    state: isPaid ? "SUCCEEDED" : "FAILED",
    providerRef: isPaid ? resolution.bankReference : current.providerRef,
    code: "RESOLVED",
    text: "",
  };
  const told = { ...before, attempts: withAttempts(before, [attempt]) };
  const after = isPaid
    ? moveTo(told, "SUCCEEDED", { bankReference: resolution.bankReference })
    : endUnpaid(told, resolution.reason);
  return { before, steps: [after], attempts: [attempt], dueInMs: 0 };
}
