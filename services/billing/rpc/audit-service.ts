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
import { listChainHeads } from "../operations/list-chain-heads.ts";
import { listMonitors } from "../operations/list-monitors.ts";
import { verifyChain } from "../operations/verify-chain.ts";
import { keyedBoundsOf } from "./bounds.ts";
import { toChainHead, toVerdict } from "./chain-messages.ts";
import { fromText } from "./messages.ts";
import { fromWatch, toMonitor } from "./monitor-messages.ts";

/** Answers AuditService. */
export const auditService = (billing: Billing): ServiceImpl<typeof AuditService> => ({
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
