import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import { AuditStates } from "../domain/audit.ts";
import type { AuditMessage } from "./audit-message.ts";

/** Shows how the audits fare: takes what they tell, for the metrics and the log. */
export function auditFigures(metrics: Metrics, log: Log): (message: AuditMessage) => void {
  const { counter, gauge, watch } = metrics;
  const progress = gauge("mizan_audit_progress_ratio", "How far the audit is, from 0 to 1.");
  const seconds = gauge("mizan_audit_seconds", "How long the latest audit took.");
  const transfers = gauge("mizan_audit_transfers", "How many transfers the latest audit read.");
  const finished = gauge("mizan_audit_finished_timestamp_seconds", "When the latest audit ended.");
  const audits = counter("mizan_audits_total", "Audits by how they ended.");
  const found = { ended: 0, running: 0, new: 0 };
  const most = () => Math.max(found.ended, found.running, found.new);
  watch("mizan_audit_discrepancies", "What the audits find to be wrong by now (L17).", most);
  let logged = 0;
  return (message) => {
    if ("found" in message) {
      found.new = message.found;
    } else if ("running" in message) {
      found.running = message.running.discrepancyCount;
      progress.set(message.running.progressPermille / 1000);
    } else {
      const { ended } = message;
      Object.assign(found, { ended: ended.discrepancyCount, running: 0, new: 0 });
      progress.set(1);
      seconds.set(message.seconds);
      transfers.set(ended.checkedSeq);
      finished.set(ended.endedAtUs! / 1_000_000);
      audits.add({ outcome: ended.state === AuditStates.PASSED ? "passed" : "failed" });
    }
    if (most() === logged) return; // it is the same for as long as nobody has repaired it
    logged = most();
    if (logged > 0) log.error({ discrepancies: logged }, "The books do not agree.");
    else log.info("The books agree again.");
  };
}
