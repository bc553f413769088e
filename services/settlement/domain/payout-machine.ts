import { ok } from "node:assert";
import type { Payout, PayoutStage, PayoutState } from "./payout.ts";

/** A state, and the stage of a passing one. */
export type Position =
  | `PENDING ${"CHECKING" | "APPROVAL" | "QUEUED" | "FUNDS"}`
  | `SENDING ${"SUBMITTING" | "IN_TRANSIT"}`
  | Exclude<PayoutState, "PENDING" | "SENDING">;

/**
 * Where a payout may go from where it stands. Nothing leaves CHECKING in a commit of its own: a
 * payout is stored where its checks have left it.
 */
export const nextPositions: Readonly<Record<Position, readonly Position[]>> = {
  "PENDING CHECKING": ["PENDING APPROVAL", "PENDING QUEUED", "FAILED"],
  "PENDING APPROVAL": ["PENDING QUEUED", "CANCELLED"],
  "PENDING QUEUED": ["SENDING SUBMITTING", "SENDING IN_TRANSIT", "PENDING FUNDS", "CANCELLED"],
  "PENDING FUNDS": ["PENDING QUEUED", "CANCELLED"],
  "SENDING SUBMITTING": ["SENDING IN_TRANSIT", "SUCCEEDED", "PENDING QUEUED", "FAILED", "UNKNOWN"],
  "SENDING IN_TRANSIT": ["SUCCEEDED", "FAILED", "UNKNOWN"],
  UNKNOWN: ["SENDING IN_TRANSIT", "SUCCEEDED", "FAILED", "PENDING QUEUED"],
  SUCCEEDED: ["RETURNED"],
  FAILED: [],
  CANCELLED: [],
  RETURNED: [],
};

/** Where a payout stands. */
export function positionOf({ state, stage }: Pick<Payout, "state" | "stage">): Position {
  return (stage === undefined ? state : `${state} ${stage}`) as Position;
}

/** What may change of a payout when it moves. */
export type Changes = Partial<
  Pick<Payout, "reason" | "provider" | "bankReference" | "attempts" | "isContradicted" | "tries">
>;

/** Moves a payout on, as its next version. A move that the table does not have is our mistake. */
export function moveTo(payout: Payout, to: Position, changes: Changes = {}): Payout {
  const from = positionOf(payout);
  ok(nextPositions[from].includes(to), `a payout does not go from ${from} to ${to}`);
  const [state, stage] = to.split(" ") as [PayoutState, PayoutStage?];
  return {
    ...payout,
    reason: "",
    tries: 0,
    ...changes,
    state,
    stage,
    version: payout.version + 1,
  };
}

/** Notes something of a payout that stays where it is, as its next version. */
export function note(payout: Payout, changes: Changes): Payout {
  return { ...payout, ...changes, version: payout.version + 1 };
}
