import { PAYOUT_FIRST_LOOK_MS, PAYOUT_TRANSIT_LOOK_MS } from "#mesh/limits.ts";
import { type Concern, type Move, withAttempts, type WrittenAttempt } from "./move.ts";
import { nextLookMs } from "./next-look.ts";
import type { Payout } from "./payout.ts";
import { type Changes, moveTo, type Position } from "./payout-machine.ts";
import { isAnyLeft } from "./route.ts";
import { currentAttempt } from "./send-payout.ts";

/** What became of a call, as far as it matters to a payout; providers/bank.ts says what it means. */
export type CallOutcome = {
  readonly kind:
    | "SUCCEEDED"
    | "ACCEPTED"
    | "REJECTED"
    | "NO_FUNDS"
    | "NOT_PROCESSED"
    | "NOT_SENT"
    | "UNKNOWN";
  readonly fault?: "PAYOUT" | "PROVIDER";
  readonly bankReference?: string;
  readonly code?: string;
  readonly text?: string;
  readonly raw: string;
};

/**
 * What a payout does after its call, by the classes of errors: what may have been taken is UNKNOWN
 * and is asked for; only what was surely refused goes to one of the other providers, if any is
 * left (PAY-3, PAY-4); what was surely not taken is tried again later.
 */
export function decideOutcome(
  before: Payout,
  outcome: CallOutcome,
  providers: Iterable<string>,
): Move {
  const { bankReference = "", code = "", kind } = outcome;
  const { provider } = before;
  const fate = (state: WrittenAttempt["state"], to: Position, then: Fate = {}): Move =>
    conclude(before, outcome, { state, to, ...then });
  switch (kind) {
    case "SUCCEEDED":
      return fate("SUCCEEDED", "SUCCEEDED", { changes: { bankReference } });
    case "ACCEPTED": {
      const dueInMs = PAYOUT_TRANSIT_LOOK_MS;
      return fate("ACCEPTED", "SENDING IN_TRANSIT", { changes: { bankReference }, dueInMs });
    }
    case "REJECTED":
      return reject(before, outcome, providers);
    case "NO_FUNDS": {
      const detail = "It says that it has too little of our money.";
      const concern = { kind: "FUNDS_LOW", provider, detail } as const;
      const changes = { reason: "NO_FUNDS", tries: before.tries + 1 };
      return fate("NOT_SENT", "PENDING QUEUED", { changes, dueInMs: 0, concern });
    }
    case "NOT_PROCESSED":
    case "NOT_SENT": {
      const changes = { reason: "PROVIDER_AWAY", tries: before.tries + 1 };
      const dueInMs = nextLookMs(PAYOUT_FIRST_LOOK_MS, before.tries);
      return fate("NOT_SENT", "PENDING QUEUED", { changes, dueInMs });
    }
    default: {
      const changes = { reason: code || "NO_ANSWER" };
      return fate("UNKNOWN", "UNKNOWN", {
        changes,
        dueInMs: PAYOUT_FIRST_LOOK_MS,
        callEndsInMs: 0,
      });
    }
  }
}

/** What another provider says late about having paid wins over the refusal of this one. */
export function endUnpaid(payout: Payout, reason: string): Payout {
  const paid = payout.attempts.find(({ state }) => state === "SUCCEEDED");
  if (paid === undefined) return moveTo(payout, "FAILED", { reason });
  const { provider, providerRef: bankReference } = paid;
  return moveTo(payout, "SUCCEEDED", { provider, bankReference });
}

function reject(before: Payout, outcome: CallOutcome, providers: Iterable<string>): Move {
  const attempt = written(before, outcome, "REJECTED");
  const attempts = withAttempts(before, [attempt]);
  const refused = { ...before, attempts };
  const reason = outcome.code || "REJECTED";
  const isPaid = attempts.some(({ state }) => state === "SUCCEEDED");
  const goesOn = outcome.fault === "PROVIDER" && !isPaid && isAnyLeft(refused, providers);
  const after = goesOn ? moveTo(refused, "PENDING QUEUED", { reason }) : endUnpaid(refused, reason);
  return { before, steps: [after], attempts: [attempt], dueInMs: 0 };
}

type Fate = {
  readonly changes?: Changes;
  readonly dueInMs?: number;
  readonly callEndsInMs?: number;
  readonly concern?: Concern;
};

function conclude(
  before: Payout,
  outcome: CallOutcome,
  fate: Fate & { readonly state: WrittenAttempt["state"]; readonly to: Position },
): Move {
  const { state, to, changes, dueInMs = 0, callEndsInMs, concern } = fate;
  const attempt = written(before, outcome, state);
  const after = moveTo(before, to, { ...changes, attempts: withAttempts(before, [attempt]) });
  const call = callEndsInMs === undefined ? attempt : { ...attempt, callEndsInMs };
  return {
    before,
    steps: [after],
    attempts: [call],
    dueInMs,
    ...(concern && { concerns: [concern] }),
  };
}

function written(
  before: Payout,
  { bankReference = "", code = "", text = "", raw }: CallOutcome,
  state: WrittenAttempt["state"],
): WrittenAttempt {
  const attempt = currentAttempt(before);
  const providerRef = bankReference || attempt.providerRef;
  return { ...attempt, state, providerRef, code, text, raw };
}
