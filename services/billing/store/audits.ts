import { type QueryExecutorProvider, sql } from "kysely";
import { type Audit, type AuditProgress, AuditStates } from "../domain/audit.ts";

type Executor = QueryExecutorProvider;

/** Joins the audit of a shard that is under way, or asks for one with a new id. */
export async function wantAudit(tx: Executor, shard: number, id: string): Promise<Audit> {
  const { RUNNING } = AuditStates;
  const found = await sql<AuditRow>`
    insert into audit (id, shard, state, is_wanted) values (${id}, ${shard}, ${RUNNING}, true)
    on conflict (shard) where state = 1 do update set is_wanted = true
    returning ${columns}`.execute(tx);
  return fromRow(found.rows[0]!);
}

/** Begins the audit that somebody asked for, or else one with a new id. */
export async function beginAudit(tx: Executor, shard: number, id: string): Promise<Audit> {
  const { RUNNING } = AuditStates;
  const found = await sql<AuditRow>`
    insert into audit (id, shard, state, is_begun) values (${id}, ${shard}, ${RUNNING}, true)
    on conflict (shard) where state = 1 do update set is_begun = true
    returning ${columns}`.execute(tx);
  return fromRow(found.rows[0]!);
}

/** Ends the audits that somebody has begun and will not end any more. */
export async function abortAudits(tx: Executor, shard: number): Promise<void> {
  const { RUNNING, ABORTED } = AuditStates;
  await sql`
    update audit set state = ${ABORTED}, ended_at_us = ledger_now_us()
      where shard = ${shard} and state = ${RUNNING} and is_begun`.execute(tx);
}

/** Whether somebody waits for an audit that nobody has begun. */
export async function isAuditWanted(tx: Executor, shard: number): Promise<boolean> {
  const found = await sql`
    select from audit where shard = ${shard} and state = ${AuditStates.RUNNING} and not is_begun`.execute(
    tx,
  );
  return found.rows.length > 0;
}

/** Writes down how far an audit is, or that it has ended; returns it as it is now. */
export async function updateAudit(
  tx: Executor,
  id: string,
  state: number,
  progress: AuditProgress,
): Promise<Audit> {
  const { progressPermille, asOfSeq, checkedSeq, checkedAccounts, discrepancyCount } = progress;
  const endedAtUs = state === AuditStates.RUNNING ? sql`null` : sql`ledger_now_us()`;
  const found = await sql<AuditRow>`
    update audit set state = ${state}, progress_permille = ${progressPermille},
        as_of_seq = ${asOfSeq}, checked_seq = ${checkedSeq},
        checked_accounts = ${checkedAccounts}, discrepancy_count = ${discrepancyCount},
        ended_at_us = ${endedAtUs}
      where id = ${id} and state = ${AuditStates.RUNNING}
      returning ${columns}`.execute(tx);
  const [row] = found.rows;
  if (row === undefined) throw new Error(`the audit ${id} was ended by somebody else`);
  return fromRow(row);
}

/** Writes down an audit that has ended before it was one: something was found outside of any. */
export async function insertFailedAudit(
  tx: Executor,
  shard: number,
  id: string,
  progress: AuditProgress,
): Promise<Audit> {
  const { progressPermille, asOfSeq, checkedSeq, checkedAccounts, discrepancyCount } = progress;
  const found = await sql<AuditRow>`
    insert into audit (id, shard, state, is_begun, progress_permille, as_of_seq, checked_seq,
      checked_accounts, discrepancy_count, ended_at_us)
    values (${id}, ${shard}, ${AuditStates.FAILED}, true, ${progressPermille}, ${asOfSeq},
      ${checkedSeq}, ${checkedAccounts}, ${discrepancyCount}, ledger_now_us())
    returning ${columns}`.execute(tx);
  return fromRow(found.rows[0]!);
}

/** Forgets an audit whose end nobody was told. */
export async function forgetUntold(tx: Executor, id: string): Promise<void> {
  await sql`delete from audit where id = ${id} and not is_told`.execute(tx);
}

/** Finds an audit of a shard by its id, or the one that has begun last. */
export async function findAudit(
  db: Executor,
  shard: number,
  id: string | undefined,
): Promise<Audit | undefined> {
  const isIt = id === undefined ? sql`true` : sql`id = ${id}`;
  const found = await sql<AuditRow>`
    select ${columns} from audit where shard = ${shard} and ${isIt}
      order by started_at_us desc limit 1`.execute(db);
  const [row] = found.rows;
  return row && fromRow(row);
}

/** Finds the audit whose end was published last. */
export async function findToldAudit(db: Executor, shard: number): Promise<Audit | undefined> {
  const found = await sql<AuditRow>`
    select ${columns} from audit where shard = ${shard} and is_told
      order by ended_at_us desc limit 1`.execute(db);
  const [row] = found.rows;
  return row && fromRow(row);
}

/** Notes that the end of an audit is published. */
export async function markTold(tx: Executor, id: string): Promise<void> {
  await sql`update audit set is_told = true where id = ${id}`.execute(tx);
}

/** Forgets the audits whose end nobody was told, but for some of the latest. */
export async function pruneAudits(tx: Executor, shard: number, kept: number): Promise<void> {
  await sql`
    delete from audit where shard = ${shard} and state <> ${AuditStates.RUNNING}
      and not is_told and not is_wanted
      and started_at_us < (
        select started_at_us from audit where shard = ${shard}
          order by started_at_us desc offset ${kept - 1} limit 1
      )`.execute(tx);
}

const columns = sql`id, state, is_wanted, progress_permille, as_of_seq, checked_seq,
  checked_accounts, discrepancy_count, started_at_us, ended_at_us`;

type AuditRow = {
  id: string;
  state: number;
  is_wanted: boolean;
  progress_permille: number;
  as_of_seq: number;
  checked_seq: number;
  checked_accounts: number;
  discrepancy_count: number;
  started_at_us: number;
  ended_at_us: number | null;
};

function fromRow(row: AuditRow): Audit {
  return {
    id: row.id,
    state: row.state,
    isWanted: row.is_wanted,
    progressPermille: row.progress_permille,
    asOfSeq: row.as_of_seq,
    checkedSeq: row.checked_seq,
    checkedAccounts: row.checked_accounts,
    discrepancyCount: row.discrepancy_count,
    startedAtUs: row.started_at_us,
    endedAtUs: row.ended_at_us ?? undefined,
  };
}
