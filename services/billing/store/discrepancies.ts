import { type QueryExecutorProvider, sql } from "kysely";
import type { Discrepancy } from "../domain/audit.ts";
import type { Fault } from "../domain/fold/fault.ts";

type Executor = QueryExecutorProvider;

/** Stores what an audit has found, in its order, with the accounts by their ids. */
export async function insertDiscrepancies(
  tx: Executor,
  auditId: string,
  faults: readonly Fault[],
): Promise<void> {
  if (faults.length === 0) return;
  const column = <K extends keyof Fault>(name: K) => faults.map((fault) => fault[name]);
  await sql`
    insert into discrepancy (audit_id, account_id, seq, field, expected, found)
    select ${auditId}, account.id, fault.seq, fault.field, fault.expected, fault.found
    from unnest(${column("slot")}::bigint[], ${column("seq")}::bigint[],
      ${column("field")}::text[], ${column("expected")}::text[], ${column("found")}::text[])
      with ordinality as fault (slot, seq, field, expected, found, place)
    left join account on account.slot = fault.slot
    order by place`.execute(tx);
}

/**
 * Whether an audit has found something that no audit that was told since a time has found. What goes
 * with the books, such as a counter of an account that is still in use, is the same by its account.
 */
export async function hasNews(tx: Executor, auditId: string, sinceUs: number): Promise<boolean> {
  const found = await sql<{ has_news: boolean }>`
    with ${sql.raw(keyed)}, told as (
      select k.* from keyed k join audit a on a.id = k.audit_id
        where a.is_told and a.ended_at_us > ${sinceUs}
    )
    select exists (
      select from keyed mine where audit_id = ${auditId} and not exists (
        select from told where (told.account, told.seq, told.field)
          = (mine.account, mine.seq, mine.field))
    ) as has_news`.execute(tx);
  return found.rows[0]!.has_news;
}

/** A dot in the name of a field tells that it is of a table that changes. */
const keyed = `keyed as (
  select audit_id, coalesce(account_id::text, '') as account, field,
    case when field like '%.%' then 0 else seq end as seq
  from discrepancy
)`;

/** A row of a list of discrepancies, by which the list goes on. */
export type ListedDiscrepancy = Discrepancy & { readonly rowId: number };

/** Which discrepancies to list: those of an audit or of all of the shard, from the newest on. */
export type DiscrepancyList = {
  readonly shard: number;
  readonly auditId: string | undefined;
  readonly beforeRowId: number;
  readonly limit: number;
};

/** Lists what audits have found, newest first. */
export async function listDiscrepancies(
  db: Executor,
  { shard, auditId, beforeRowId, limit }: DiscrepancyList,
): Promise<ListedDiscrepancy[]> {
  const isOfAudit = auditId === undefined ? sql`true` : sql`audit_id = ${auditId}`;
  const found = await sql<ListedDiscrepancy>`
    select d.id as "rowId", audit_id as "auditId",
        coalesce(replace(account_id::text, '-', ''), '') as "accountId", seq, field, expected,
        found, created_at_us as "createdAtUs"
      from discrepancy d join audit on audit.id = audit_id
      where shard = ${shard} and ${isOfAudit} and d.id < ${beforeRowId}
      order by d.id desc limit ${limit}`.execute(db);
  return found.rows;
}
