import { PAYOUT_TRANSIT_LOOK_MS } from "#mesh/limits.ts";
import { endUnpaid } from "./decide-outcome.ts";
import { type Move, withAttempts } from "./move.ts";
import { type Attempt, type Opinion, type Payout, RESOLVED } from "./payout.ts";
import { moveTo } from "./payout-machine.ts";
import { currentAttempt } from "./send-payout.ts";

/** How many different administrators let a large payout go, or say how an unknown one ended. */
export const NEEDED_OPINIONS = 2;

/** What administrators say that became of a payout whose provider does not tell. */
export type Resolution =
  | { readonly kind: "PAID"; readonly bankReference: string }
  | { readonly kind: "NOT_PAID" };

/** Why a payout has failed of which administrators say that it was not paid: merchants read it. */
const RESOLVED_NOT_PAID = "RESOLVED_NOT_PAID";

/** How many administrators have said the same of the same version of a payout. */
export function countSame(
  opinions: readonly Opinion[],
  said: Pick<Opinion, "version" | "opinion" | "bankReference">,
): number {
  const words = wordsOf(said);
  return opinions.filter((one) => wordsOf(one) === words).length;
}

/** The last word on the same version that is another one, of somebody else; undefined for none. */
export function otherWord(
  opinions: readonly Opinion[],
  said: Omit<Opinion, "reason">,
): Opinion | undefined {
  return opinions.findLast(({ personId, ...one }) => {
    const isOthers = personId !== said.personId && one.version === said.version;
    return isOthers && wordsOf(one) !== wordsOf(said);
  });
}

function wordsOf({
  version,
  opinion,
  bankReference,
}: Pick<Opinion, "version" | "opinion" | "bankReference">): string {
  return `${version} ${opinion} ${bankReference}`;
}

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
    code: RESOLVED,
    text: "",
  };
  const told = { ...before, attempts: withAttempts(before, [attempt]) };
  const after = isPaid
    ? moveTo(told, "SUCCEEDED", { bankReference: resolution.bankReference })
    : endUnpaid(told, RESOLVED_NOT_PAID);
  return { before, steps: [after], attempts: [attempt], dueInMs: 0 };
}
