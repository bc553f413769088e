import { type RawBuilder, sql } from "kysely";
import type { Bucket } from "../domain/judge-lines.ts";
import type { Queries, Tx } from "./tables.ts";

/** What a statement and a payout do not agree on. */
export type DifferenceKind = "MISSING" | Exclude<Bucket, "MATCHED">;

/** A line that does not agree with its payout. */
export type LineDifference = {
  readonly statementId: string;
  readonly kind: Exclude<Bucket, "MATCHED">;
  readonly isIncoming: boolean;
  readonly isSettled: boolean;
  /** Whether the provider is to be asked if it has sent the payout back. */
  readonly isToAsk: boolean;
  readonly payoutId: string;
  /** By which version of the payout it was found; null for one that can't change any more. */
  readonly payoutVersion: number | null;
  readonly lineId: string;
  readonly reference: string;
  /** What we have paid; null for nothing. */
  readonly ourMinor: bigint | null;
  readonly statementMinor: bigint;
};

/** A difference as it is stored. */
export type StoredDifference = {
  readonly id: number;
  readonly statementId: string;
  readonly provider: string;
  readonly kind: DifferenceKind;
  readonly isIncoming: boolean;
  readonly isSettled: boolean;
  readonly payoutId: string | null;
  readonly lineId: string | null;
  readonly reference: string;
  readonly ourMinor: bigint | null;
  readonly statementMinor: bigint | null;
  readonly createdAt: Date;
};

/** Which differences are asked for; each filter that is there has to fit. */
export type DifferenceFilter = {
  readonly provider?: string | undefined;
  readonly kind?: DifferenceKind | undefined;
  readonly statementId?: string | undefined;
  readonly showSettled: boolean;
};

/** Keeps what is to be thought of lines, which may be something else than before. */
export async function keepDifferences(
  tx: Tx,
  provider: string,
  differences: readonly LineDifference[],
): Promise<void> {
  if (differences.length === 0) return;
  const column = <K extends keyof LineDifference>(name: K) => differences.map((one) => one[name]);
  await sql`
    insert into statement_difference (statement_id, provider, kind, is_incoming, is_settled,
      ask_at, payout_id, payout_version, line_id, reference, our_amount_minor,
      statement_amount_minor)
    select statement_id, ${provider}, kind, is_incoming, is_settled,
      case when is_to_ask then now() end, payout_id, payout_version, line_id, reference, our_minor,
      statement_minor
    from unnest(${column("statementId")}::uuid[], ${column("kind")}::difference_kind[],
      ${column("isIncoming")}::boolean[], ${column("isSettled")}::boolean[],
      ${column("isToAsk")}::boolean[], ${column("payoutId")}::uuid[], ${column("payoutVersion")}::int[],
      ${column("lineId")}::text[], ${column("reference")}::text[],
      ${column("ourMinor").map((minor) => minor?.toString() ?? null)}::numeric[],
      ${column("statementMinor").map(String)}::numeric[])
      as one (statement_id, kind, is_incoming, is_settled, is_to_ask, payout_id, payout_version, line_id,
        reference, our_minor, statement_minor)
    on conflict (provider, line_id) where line_id is not null do update
    set kind = excluded.kind, is_settled = excluded.is_settled,
      ask_at = case when excluded.ask_at is not null
        then coalesce(statement_difference.ask_at, excluded.ask_at) end,
      payout_version = excluded.payout_version, our_amount_minor = excluded.our_amount_minor
  `.execute(tx);
}

/** Settles the differences of lines that agree by now, if there are any. */
export async function settleLines(
  tx: Tx,
  provider: string,
  lineIds: readonly string[],
): Promise<void> {
  if (lineIds.length === 0) return;
  await sql`
    update statement_difference set is_settled = true, ask_at = null
    where provider = ${provider} and line_id = any(${[...lineIds]}::text[]) and not is_settled
  `.execute(tx);
}

/**
 * Keeps lines that carry none of our references as what is too much; what has come in is to be
 * booked as money whose owner is not known yet (FLOW-31).
 */
export async function keepStrangers(
  tx: Tx,
  provider: string,
  lineIds: readonly string[],
): Promise<void> {
  await sql`
    with stranger as (
      select * from statement_line
      where provider = ${provider} and line_id = any(${[...lineIds]}::text[])
        and payout_id is null
    ), kept as (
      insert into statement_difference (statement_id, provider, kind, is_incoming, line_id,
        reference, statement_amount_minor)
      select statement_id, provider, 'EXTRA', is_incoming, line_id, reference, amount_minor
      from stranger
      on conflict do nothing
    )
    insert into booking (path, provider, amount_minor, reference)
    select 'bankin/' || provider || '/' || line_id || '/1', provider, amount_minor, reference
    from stranger where is_incoming
    on conflict do nothing`.execute(tx);
}

/** Payouts to compare again, and the difference after which the next look begins. */
export type Outdated = {
  readonly payouts: readonly { readonly provider: string; readonly payoutId: string }[];
  /** 0 when all were looked at. */
  readonly nextAfterId: number;
};

/**
 * Looks through a bounded number of differences after one, also explained ones, for payouts that
 * have changed since.
 */
export async function findOutdated(tx: Tx, afterId: number, limit: number): Promise<Outdated> {
  const { rows } = await sql<Outdated & { lastId: number | null; count: number }>`
    with looked_at as materialized (
      select * from statement_difference
      where payout_version is not null and id > ${afterId} order by id limit ${limit}
    )
    select max(looked_at.id) as "lastId", count(*) as count,
      coalesce(json_agg(distinct jsonb_build_object(
        'provider', looked_at.provider, 'payoutId', payout.id))
        filter (where payout.version > payout_version), '[]') as payouts
    from looked_at left join payout on payout.id = payout_id`.execute(tx);
  const { payouts, lastId, count } = rows[0]!;
  return { payouts, nextAfterId: count < limit ? 0 : lastId! };
}

/** Differences before an id, the newest first. */
export async function listDifferences(
  db: Queries,
  filter: DifferenceFilter,
  { beforeId, limit }: { readonly beforeId: number | undefined; readonly limit: number },
): Promise<StoredDifference[]> {
  const { rows } = await sql<StoredDifference>`
    select id, statement_id as "statementId", provider, kind, is_incoming as "isIncoming",
      is_settled as "isSettled", payout_id as "payoutId", line_id as "lineId", reference,
      our_amount_minor as "ourMinor", statement_amount_minor as "statementMinor",
      created_at as "createdAt"
    from statement_difference where ${fits(filter, beforeId)}
    order by id desc limit ${limit}`.execute(db);
  return rows;
}

function fits(filter: DifferenceFilter, beforeId: number | undefined): RawBuilder<unknown> {
  const { provider, kind, statementId, showSettled } = filter;
  const conditions = [
    beforeId !== undefined && sql`id < ${beforeId}`,
    provider !== undefined && sql`provider = ${provider}`,
    kind !== undefined && sql`kind = ${kind}::difference_kind`,
    statementId !== undefined && sql`statement_id = ${statementId}::uuid`,
    !showSettled && sql`not is_settled`,
  ];
  return sql.join([sql`true`, ...conditions.filter((one) => one !== false)], sql` and `);
}
