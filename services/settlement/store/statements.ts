import { sql } from "kysely";
import { MAX_COUNTED_DIFFERENCES } from "#mesh/limits.ts";
import type { Queries, Tx } from "./tables.ts";

/** A statement as it stands. */
export type StoredStatement = {
  readonly id: string;
  readonly provider: string;
  /** Such as "2026-01-31". */
  readonly day: string;
  readonly lineCount: number;
  /** How many lines do not agree, and how many payouts are missing, that nothing has explained. */
  readonly openLineCount: number;
  readonly missingCount: number;
  readonly createdAt: Date;
};

/**
 * Keeps all others from importing statements of a provider until the transaction ends; false when
 * somebody does so already.
 */
export async function lockStatements(tx: Tx, provider: string): Promise<boolean> {
  const { rows } = await sql<{ isLocked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`statements/${provider}`}, 0))
      as "isLocked"`.execute(tx);
  return rows[0]!.isLocked;
}

/**
 * Has the rest of the transaction find its rows by indexes alone: the tables may be new or grow by
 * a million rows within the transaction, and what the planner knows of them is worth nothing.
 */
export async function planByIndexes(tx: Tx): Promise<void> {
  await sql`
    select set_config(name, 'off', true)
    from unnest('{enable_hashjoin,enable_material,enable_mergejoin,enable_seqscan,jit}'::text[]) as name
  `.execute(tx);
}

/** The statement of a provider and a day, which is made when it is the first part. */
export async function openStatement(
  tx: Tx,
  { id, provider, day }: { readonly id: string; readonly provider: string; readonly day: string },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into statement (id, provider, day) values (${id}, ${provider}, ${day}::date)
    on conflict (provider, day) do update set updated_at = now()
    returning id`.execute(tx);
  return rows[0]!.id;
}

/** Counts what a part has added. */
export async function countLines(tx: Tx, id: string, count: number): Promise<void> {
  await sql`update statement set line_count = line_count + ${count} where id = ${id}`.execute(tx);
}

/** A statement by its id. */
export async function findStatement(db: Queries, id: string): Promise<StoredStatement | undefined> {
  const { rows } = await sql<StoredStatement>`
    select ${columns} from statement, ${counts} where id = ${id}`.execute(db);
  return rows[0];
}

/** Statements before an id, the newest first. */
export async function listStatements(
  db: Queries,
  { provider, beforeId }: { readonly provider: string; readonly beforeId: string | undefined },
  limit: number,
): Promise<StoredStatement[]> {
  const { rows } = await sql<StoredStatement>`
    select ${columns} from (
      select * from statement
      where (${provider} = '' or provider = ${provider})
        and (${beforeId ?? null}::uuid is null or id < ${beforeId ?? null}::uuid)
      order by id desc limit ${limit}
    ) as statement, ${counts}
    order by id desc`.execute(db);
  return rows;
}

/**
 * Those of the newest statements whose last part came some time ago and that have more open differences than
 * administrators were told of; from now on they count as told.
 */
export async function takeUntold(
  tx: Tx,
  { quietMs, limit }: { readonly quietMs: number; readonly limit: number },
): Promise<StoredStatement[]> {
  const { rows } = await sql<StoredStatement>`
    with changed as (
      select statement.*, open_lines, missing from (
        select * from statement order by id desc limit ${limit}
      ) as statement, ${counts}
      where updated_at < now() - ${quietMs} * interval '1 millisecond'
        and open_lines + missing <> told_count
    ), told as (
      update statement set told_count = open_lines + missing
      from changed where statement.id = changed.id
    )
    select ${columns} from changed where open_lines + missing > told_count order by id`.execute(tx);
  return rows;
}

const columns = sql`id, provider, day::text as day, line_count as "lineCount",
  open_lines as "openLineCount", missing as "missingCount", created_at as "createdAt"`;

/** What is open of a statement, counted up to a bound. */
const counts = sql`lateral (
  select count(*) filter (where kind <> 'MISSING') as open_lines,
    count(*) filter (where kind = 'MISSING') as missing
  from (
    select kind from statement_difference
    where statement_id = statement.id and not is_settled limit ${MAX_COUNTED_DIFFERENCES}
  ) as open
) as counts`;
