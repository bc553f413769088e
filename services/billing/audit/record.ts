import type { Database } from "#mesh/database/connect.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { newId } from "#mesh/ids.ts";
import { fence, type Lease } from "#mesh/jobs/lease.ts";
import { KEPT_AUDITS } from "#mesh/limits.ts";
import { type Audit, type AuditProgress, AuditStates } from "../domain/audit.ts";
import type { Fault } from "../domain/fold/fault.ts";
import * as store from "../store/audits.ts";
import { insertDiscrepancies } from "../store/discrepancies.ts";
import type { Tables, Tx } from "../store/tables.ts";
import { tellAudit } from "./tell-audit.ts";

/** Writes down what becomes of the audits of a shard, for as long as they are ours to make. */
export type AuditRecord = {
  /** Ends those that another process has left unfinished. */
  readonly abort: () => Promise<void>;
  /** Begins the one that somebody asked for, or one of our own. */
  readonly begin: () => Promise<Audit>;
  /** Whether somebody waits for one that is not begun. */
  readonly isWanted: () => Promise<boolean>;
  /** Writes down how far one is, and what it has found since; returns it as it is now. */
  readonly save: (
    audit: Audit,
    progress: AuditProgress,
    faults: readonly Fault[],
  ) => Promise<Audit>;
  /** Ends one, with what it has found since; returns it as it has ended. */
  readonly end: (audit: Audit, progress: AuditProgress, faults: readonly Fault[]) => Promise<Audit>;
  /** Writes down what was found outside of an audit, if it is news, as a failed audit of its own. */
  readonly found: (progress: AuditProgress, faults: readonly Fault[]) => Promise<void>;
};

/** Writes to the tables of a service, and only while the lease is held (X3). */
export function auditRecord(db: Database<Tables>, shard: number, lease: Lease): AuditRecord {
  const fenced = async <R>(work: (tx: Tx) => Promise<R>) =>
    transaction(db, async (tx) => {
      await fence(tx, lease);
      return work(tx);
    });
  return {
    abort: async () => fenced(async (tx) => store.abortAudits(tx, shard)),
    begin: async () => fenced(async (tx) => store.beginAudit(tx, shard, newId())),
    isWanted: async () => store.isAuditWanted(db.sql, shard),
    save: async ({ id }, progress, faults) =>
      fenced(async (tx) => {
        await insertDiscrepancies(tx, id, faults);
        return store.updateAudit(tx, id, AuditStates.RUNNING, progress);
      }),
    end: async ({ id }, progress, faults) =>
      fenced(async (tx) => {
        await insertDiscrepancies(tx, id, faults);
        const hasPassed = progress.discrepancyCount === 0;
        const state = hasPassed ? AuditStates.PASSED : AuditStates.FAILED;
        const ended = await store.updateAudit(tx, id, state, progress);
        await tellAudit(tx, shard, ended);
        await store.pruneAudits(tx, shard, KEPT_AUDITS);
        return ended;
      }),
    found: async (progress, faults) =>
      fenced(async (tx) => {
        const id = newId();
        const ended = await store.insertFailedAudit(tx, shard, id, progress);
        await insertDiscrepancies(tx, id, faults);
        await tellAudit(tx, shard, ended);
        await store.forgetUntold(tx, id);
      }),
  };
}
