import type { ServiceImpl } from "@connectrpc/connect";
import type { AuditService } from "#gen/mizan/billing/v1/audit_service_pb.ts";
import type { Billing } from "../context.ts";
import { listChainHeads } from "../operations/list-chain-heads.ts";
import { verifyChain } from "../operations/verify-chain.ts";
import { toChainHead, toVerdict } from "./chain-messages.ts";

/** Answers AuditService. */
export const auditService = (billing: Billing): ServiceImpl<typeof AuditService> => ({
  verifyChain: async (_request, { signal }) => toVerdict(await verifyChain(billing, signal)),
  async listChainHeads(page) {
    const { rows, nextPageToken } = await listChainHeads(billing, page);
    return { heads: rows.map(toChainHead), nextPageToken };
  },
});
