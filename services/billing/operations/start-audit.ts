import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AuditSchema } from "#gen/mizan/billing/v1/audit_pb.ts";
import {
  type StartAuditResponse,
  StartAuditResponseSchema,
} from "#gen/mizan/billing/v1/audit_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import { newId } from "#mesh/ids.ts";
import type { Billing, Call } from "../context.ts";
import type { Audit } from "../domain/audit.ts";
import { wantAudit } from "../store/audits.ts";

/**
 * Asks for an audit, once per key: joins the one that is under way, which takes no more pauses from
 * then on, or begins one, as soon as the process that audits sees it.
 */
export async function startAudit(
  { db, chain: { shard } }: Billing,
  { values }: Call,
  toMessage: (audit: Audit) => MessageInitShape<typeof AuditSchema>,
): Promise<StartAuditResponse> {
  return once(db, values, StartAuditResponseSchema, async (tx) => ({
    audit: toMessage(await wantAudit(tx, shard, newId())),
  }));
}
