import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "#mesh/database/connect.ts";
import { openConnection } from "#mesh/database/connection.ts";
import type { Lease } from "#mesh/jobs/lease.ts";
import { AUDIT_EVERY_MS, AUDIT_WANTED_POLL_MS } from "#mesh/limits.ts";
import type { Tables } from "../store/tables.ts";
import { auditOnce, type Auditor } from "./audit-once.ts";
import type { AuditMessage } from "./audit-message.ts";
import type { Head } from "./check-head.ts";
import type { CustodySource } from "./custody.ts";
import { type AuditRecord, auditRecord } from "./record.ts";

/** Which shard is audited, where it is, and the right to do so. */
export type Audited = {
  readonly url: string;
  readonly shard: number;
  readonly lease: Lease;
};

/**
 * Audits the books of a shard, one pass after another, until the signal aborts: at once when
 * somebody asks for it, and else after a while. What another process has not finished is aborted.
 */
export async function keepAuditing(
  { url, shard, lease }: Audited,
  signal: AbortSignal,
  tell: (message: AuditMessage) => void,
): Promise<void> {
  await using db = connect<Tables>({ url, max: 1, name: "ledger audit" });
  await using connection = await openConnection({ url, name: "ledger audit" });
  const record = auditRecord(db, shard, lease);
  const auditor: Auditor = { connection, shard, record, custody: custodySources, signal, tell };
  await record.abort();
  let head: Head | undefined;
  while (!signal.aborted) {
    head = await auditOnce(auditor, head);
    await waitForNext(record, signal);
  }
}

/** Nobody outside tells us yet what is in custody. */
const custodySources: readonly CustodySource[] = [];

async function waitForNext(record: AuditRecord, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + AUDIT_EVERY_MS;
  while (performance.now() < untilMs && !signal.aborted) {
    if (await record.isWanted()) return;
    await sleep(AUDIT_WANTED_POLL_MS, undefined, { signal }).catch(() => {});
  }
}
