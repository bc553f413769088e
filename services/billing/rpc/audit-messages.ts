import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  Audit_State,
  AuditSchema,
  DiscrepancySchema,
} from "#gen/mizan/billing/v1/audit_pb.ts";
import { bytesOf } from "#mesh/ids.ts";
import type { Audit, Discrepancy } from "../domain/audit.ts";
import { toTime } from "./messages.ts";

/** Writes an audit. */
export function toAudit(audit: Audit): MessageInitShape<typeof AuditSchema> {
  const { id, state, progressPermille, checkedAccounts, startedAtUs, endedAtUs } = audit;
  return {
    id,
    state: state as Audit_State,
    progressPermille,
    asOfSeq: BigInt(audit.asOfSeq),
    checkedSeq: BigInt(audit.checkedSeq),
    checkedAccounts: BigInt(checkedAccounts),
    discrepancyCount: BigInt(audit.discrepancyCount),
    startTime: toTime(startedAtUs),
    ...(endedAtUs !== undefined && { endTime: toTime(endedAtUs) }),
  };
}

/** Writes what an audit has found. */
export function toDiscrepancy(one: Discrepancy): MessageInitShape<typeof DiscrepancySchema> {
  const { auditId, accountId, seq, field, expected, found, createdAtUs } = one;
  return {
    auditId,
    accountId: bytesOf(accountId),
    seq: BigInt(seq),
    field,
    expected,
    found,
    createTime: toTime(createdAtUs),
  };
}
