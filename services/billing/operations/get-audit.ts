import type { Billing } from "../context.ts";
import type { Audit } from "../domain/audit.ts";
import { fail } from "../errors.ts";
import { findAudit } from "../store/audits.ts";

/** Finds an audit by its id; with an empty one the latest. Throws AUDIT_NOT_FOUND. */
export async function getAudit({ db, chain }: Billing, auditId: string): Promise<Audit> {
  const audit = await findAudit(db.sql, chain.shard, auditId || undefined);
  if (audit === undefined) throw fail("AUDIT_NOT_FOUND", { audit_id: auditId });
  return audit;
}
