import type { MessageInitShape } from "@bufbuild/protobuf";
import { type ApprovalSchema, Approval_State } from "#gen/mizan/billing/v1/approval_pb.ts";
import { uuidOf } from "#mesh/ids.ts";
import type { Approval, ApprovalState } from "../domain/approval.ts";
import type { Assets } from "../domain/asset.ts";
import { toMoney, toTime } from "./messages.ts";

/** Writes an approval. */
export function toApproval(assets: Assets, approval: Approval) {
  const { id, movement, state, requestedAtUs, decision } = approval;
  const { transferId } = decision ?? {};
  const message = {
    id,
    method: movement.method,
    state: states[state],
    amount: toMoney(assets, movement.ledger, movement.amount),
    beneficiary: movement.beneficiary,
    reference: movement.reference,
    requestedBy: movement.requestedBy,
    createTime: toTime(requestedAtUs),
    ...(decision && {
      decidedBy: decision.decidedBy,
      decideTime: toTime(decision.decidedAtUs),
    }),
    ...(transferId !== undefined && { entryId: uuidOf(transferId) }),
  };
  return message satisfies MessageInitShape<typeof ApprovalSchema>;
}

/** Reads the state that a list is asked for; undefined for all. */
export function fromApprovalState(state: Approval_State): ApprovalState | undefined {
  return (["pending", "approved", "rejected"] as const).find((one) => states[one] === state);
}

const states: Readonly<Record<ApprovalState, Approval_State>> = {
  pending: Approval_State.PENDING,
  approved: Approval_State.APPROVED,
  rejected: Approval_State.REJECTED,
};
