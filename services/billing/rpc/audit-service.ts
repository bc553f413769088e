import type { ServiceImpl } from "@connectrpc/connect";
import {
  type AuditService,
  CreateMonitorResponseSchema,
  DeleteMonitorResponseSchema,
} from "#gen/mizan/billing/v1/audit_service_pb.ts";
import { hexFromBytes } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import type { MonitorView } from "../domain/monitor.ts";
import { createMonitor } from "../operations/create-monitor.ts";
import { deleteMonitor } from "../operations/delete-monitor.ts";
import { getAudit } from "../operations/get-audit.ts";
import { getProof } from "../operations/get-proof.ts";
import { listChainHeads } from "../operations/list-chain-heads.ts";
import { listDiscrepancies } from "../operations/list-discrepancies.ts";
import { listMonitors } from "../operations/list-monitors.ts";
import { startAudit } from "../operations/start-audit.ts";
import { verifyChain } from "../operations/verify-chain.ts";
import { toAudit, toDiscrepancy } from "./audit-messages.ts";
import { keyedBoundsOf } from "./bounds.ts";
import { toChainHead, toVerdict } from "./chain-messages.ts";
import { fromText } from "./messages.ts";
import { fromWatch, toMonitor } from "./monitor-messages.ts";
import { toProof } from "./proof-messages.ts";

/** Answers AuditService. */
export const auditService = (billing: Billing): ServiceImpl<typeof AuditService> => ({
  startAudit: async (_request, call) => startAudit(billing, call, toAudit),
  getAudit: async ({ auditId }) => ({ audit: toAudit(await getAudit(billing, auditId)) }),
  async listDiscrepancies({ auditId, ...page }) {
    const { rows, nextPageToken } = await listDiscrepancies(billing, auditId, page);
    return { discrepancies: rows.map(toDiscrepancy), nextPageToken };
  },
  getProof: async ({ asset }) => ({
    proof: toProof(billing.assets, await getProof(billing, asset)),
  }),
  async createMonitor({ accountId, field, direction, bound, name }, context) {
    const watched = fromWatch(field, direction);
    const watch = { ...watched, accountId: hexFromBytes(accountId), bound, name: fromText(name) };
    return createMonitor(billing, watch, {
      ...keyedBoundsOf(context),
      schema: CreateMonitorResponseSchema,
      toMessage: (view) => ({ monitor: toMonitorOf(billing, view) }),
    });
  },
  async listMonitors(page) {
    const { rows, nextPageToken } = await listMonitors(billing, page);
    return { monitors: rows.map((view) => toMonitorOf(billing, view)), nextPageToken };
  },
  async deleteMonitor({ monitorId }, context) {
    const answer = { schema: DeleteMonitorResponseSchema, toMessage: () => ({}) };
    return deleteMonitor(billing, monitorId.toLowerCase(), {
      ...keyedBoundsOf(context),
      ...answer,
    });
  },
  verifyChain: async (_request, { signal }) => toVerdict(await verifyChain(billing, signal)),
  async listChainHeads(page) {
    const { rows, nextPageToken } = await listChainHeads(billing, page);
    return { heads: rows.map(toChainHead), nextPageToken };
  },
});

function toMonitorOf({ assets }: Billing, { monitor, accountId, ledger }: MonitorView) {
  return toMonitor({ monitor, accountId, asset: assets.ofLedger(ledger) });
}
