import type { Id } from "./account.ts";
import type { Movement } from "./movement.ts";

/** Where an approval stands. */
const approvalStates = ["pending", "approved", "rejected"] as const;

/** Where an approval stands; a decision is for ever. */
export type ApprovalState = (typeof approvalStates)[number];

/** A movement that one administrator has asked for and another one has to agree to (HOLD-7). */
export type Approval = {
  /** A UUID. */
  readonly id: string;
  readonly movement: Movement;
  /** Microseconds since 1970. */
  readonly requestedAtUs: number;
  readonly state: ApprovalState;
  /** Absent while nobody has decided. */
  readonly decision?: Decision;
};

/** Who has decided about an approval. */
export type Decision = {
  readonly decidedBy: string;
  /** Microseconds since 1970. */
  readonly decidedAtUs: number;
  /** The transfer that was made; absent when it was refused. */
  readonly transferId?: Id;
};
