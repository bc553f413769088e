import { AUDIT_TOLD_EVERY_MS, MAX_TOLD_DISCREPANCIES } from "#mesh/limits.ts";
import { type Audit, AuditStates } from "../domain/audit.ts";
import { auditFinished } from "../events.ts";
import { findToldAudit, markTold } from "../store/audits.ts";
import { hasNews, listDiscrepancies } from "../store/discrepancies.ts";
import type { Tx } from "../store/tables.ts";

/**
 * Publishes the end of an audit in the transaction that ends it, when there is something to tell:
 * somebody asked for it, it has found what nobody was told yet, all is well again, or nobody was
 * told anything for an hour.
 */
export async function tellAudit(tx: Tx, shard: number, audit: Audit): Promise<void> {
  if (!(await isWorthTelling(tx, shard, audit))) return;
  const list = { shard, auditId: audit.id, beforeRowId: Number.MAX_SAFE_INTEGER };
  const found = await listDiscrepancies(tx, { ...list, limit: MAX_TOLD_DISCREPANCIES });
  await auditFinished(tx, shard, audit, found);
  await markTold(tx, audit.id);
}

async function isWorthTelling(tx: Tx, shard: number, audit: Audit): Promise<boolean> {
  const told = await findToldAudit(tx, shard);
  const sinceUs = audit.endedAtUs! - AUDIT_TOLD_EVERY_MS * 1000;
  if (audit.isWanted || told === undefined || told.endedAtUs! < sinceUs) return true;
  if (audit.state === AuditStates.FAILED) return hasNews(tx, audit.id, sinceUs);
  return told.state === AuditStates.FAILED;
}
