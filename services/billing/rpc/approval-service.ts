import type { ServiceImpl } from "@connectrpc/connect";
import {
  type ApprovalService,
  ApproveMovementResponseSchema,
  RejectMovementResponseSchema,
} from "#gen/mizan/billing/v1/approval_service_pb.ts";
import type { Billing } from "../context.ts";
import { approveMovement, rejectMovement } from "../operations/decide-movement.ts";
import { listApprovals } from "../operations/list-approvals.ts";
import { fromApprovalState, toApproval } from "./approval-messages.ts";
import { keyedBoundsOf } from "./bounds.ts";

/** Answers ApprovalService. */
export const approvalService = (billing: Billing): ServiceImpl<typeof ApprovalService> => ({
  async listApprovals({ state, pageSize, pageToken }) {
    const list = { state: fromApprovalState(state), pageSize, pageToken };
    const { rows, nextPageToken } = await listApprovals(billing, list);
    return { approvals: rows.map((one) => toApproval(billing.assets, one)), nextPageToken };
  },
  async approveMovement({ approvalId }, context) {
    return approveMovement(billing, approvalId, {
      ...keyedBoundsOf(context),
      schema: ApproveMovementResponseSchema,
      toMessage: (approval) => ({ approval: toApproval(billing.assets, approval) }),
    });
  },
  async rejectMovement({ approvalId }, context) {
    return rejectMovement(billing, approvalId, {
      ...keyedBoundsOf(context),
      schema: RejectMovementResponseSchema,
      toMessage: (approval) => ({ approval: toApproval(billing.assets, approval) }),
    });
  },
});
