import type { Connection } from "#mesh/database/connection.ts";
import { AUDIT_HEAD_EVERY_MS, AUDIT_SAVE_EVERY_MS } from "#mesh/limits.ts";
import type { AuditProgress } from "../domain/audit.ts";
import type { AuditMessage } from "./audit-message.ts";
import { checkHead, type Head } from "./check-head.ts";
import type { CustodySource } from "./custody.ts";
import { createFindings } from "./findings.ts";
import { createPace } from "./pace.ts";
import type { AuditRecord } from "./record.ts";
import { type PassProgress, runPass } from "./run-pass.ts";

/** What audits a shard. */
export type Auditor = {
  readonly connection: Connection;
  readonly shard: number;
  readonly record: AuditRecord;
  readonly custody: readonly CustodySource[];
  readonly signal: AbortSignal;
  readonly tell: (message: AuditMessage) => void;
};

/**
 * Makes one audit. While it goes through the old transfers, the books of the one before are kept up
 * to date, so that what is new is looked at within seconds. Returns the books that it has made.
 */
export async function auditOnce(auditor: Auditor, head: Head | undefined): Promise<Head> {
  const { connection, shard, record, custody, signal, tell } = auditor;
  const startMs = performance.now();
  const findings = createFindings();
  let audit = await record.begin();
  let last: PassProgress = { checkedSeq: 0, asOfSeq: 0, checkedAccounts: 0 };
  let [savedMs, lookedMs] = [startMs, startMs];
  const between = async (progress: PassProgress) => {
    last = progress;
    const nowMs = performance.now();
    if (nowMs - savedMs >= AUDIT_SAVE_EVERY_MS) {
      audit = await record.save(audit, underWay(progress, findings.count()), findings.take());
      tell({ running: audit });
      savedMs = performance.now();
    }
    if (head !== undefined && nowMs - lookedMs >= AUDIT_HEAD_EVERY_MS) {
      await lookAtHead(auditor, head);
      lookedMs = performance.now();
    }
  };
  const pace = createPace(() => audit.isWanted, signal);
  const means = { connection, shard, pace, custody };
  const remade = await runPass(means, { report: findings.report, between });
  const progress = { ...last, progressPermille: 1000, discrepancyCount: findings.count() };
  const ended = await record.end(audit, progress, findings.take());
  tell({ ended, seconds: (performance.now() - startMs) / 1000 });
  return { remade, afterSlot: 0 };
}

/** Reading the transfers is most of the work. */
function underWay(progress: PassProgress, discrepancyCount: number): AuditProgress {
  const { checkedSeq, asOfSeq } = progress;
  const progressPermille = asOfSeq === 0 ? 0 : Math.floor((950 * checkedSeq) / asOfSeq);
  return { ...progress, progressPermille, discrepancyCount };
}

async function lookAtHead({ connection, shard, record, tell }: Auditor, head: Head): Promise<void> {
  const findings = createFindings();
  await checkHead(connection, shard, head, findings.report);
  const discrepancyCount = findings.count();
  if (discrepancyCount === 0) return;
  const seq = head.remade.fold.lastSeq;
  const seqs = { asOfSeq: seq, checkedSeq: seq, checkedAccounts: 0 };
  await record.found({ ...seqs, progressPermille: 1000, discrepancyCount }, findings.take());
  tell({ found: discrepancyCount });
}
