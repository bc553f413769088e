import { type RawBuilder, sql } from "kysely";
import { MAX_SCANNED_WITHDRAWALS } from "#mesh/limits.ts";
import type { Withdrawal, WithdrawalState } from "../domain/withdrawal.ts";
import type { Queries } from "./tables.ts";
import type { Current } from "./withdrawal-moves.ts";
import { columns, type Row, toWithdrawal } from "./withdrawal-rows.ts";

/** A withdrawal of a merchant; undefined when there is none, or it is another one's. */
export async function findWithdrawal(
  db: Queries,
  merchantId: string,
  id: string,
): Promise<Withdrawal | undefined> {
  const { rows } = await sql<Row>`
    select ${columns} from withdrawal
    where id = ${id}::uuid and merchant_id = ${merchantId}::uuid`.execute(db);
  return rows[0] && toWithdrawal(rows[0]);
}

/** Those of some withdrawals that have changed since the version that is known of them. */
export async function findChanged(
  db: Queries,
  known: readonly Pick<Withdrawal, "id" | "version">[],
): Promise<Current[]> {
  const { rows } = await sql<Row & { readonly answer: Uint8Array | null }>`
    select ${columns}, answer from withdrawal
    join unnest(${known.map(({ id }) => id)}::uuid[],
      ${known.map(({ version }) => version)}::integer[]) as known (id, version)
      on known.id = withdrawal.id
    where withdrawal.version > known.version`.execute(db);
  return rows.map((row) => ({ row: toWithdrawal(row), answer: row.answer ?? undefined }));
}

/** Which withdrawals are looked for. */
export type WithdrawalFilter = {
  /** Whose; undefined for everybody's. */
  readonly merchantId: string | undefined;
  readonly state: WithdrawalState | undefined;
  /** A stretch of ids, and so of time: the first is in it, the last is not. */
  readonly fromId: string;
  readonly beforeId: string;
};

/** What one look has found, the newest first. */
export type FoundWithdrawals = {
  readonly withdrawals: readonly Withdrawal[];
  /** Where the look ended before all was seen; undefined when it saw all, or found enough. */
  readonly seenToId: string | undefined;
};

/**
 * Looks for withdrawals. It finds `limit` at most, and goes through a bounded number, so that a
 * state that hardly any has does not read all the years of a merchant.
 */
export async function findWithdrawals(
  db: Queries,
  filter: WithdrawalFilter,
  limit: number,
): Promise<FoundWithdrawals> {
  const { state } = filter;
  const { rows } = await sql<Row>`
    select ${columns} from (
      select * from withdrawal where ${within(filter)}
      order by id desc limit ${MAX_SCANNED_WITHDRAWALS}) as withdrawal
    where ${state === undefined ? sql`true` : sql`state = ${state}`}
    order by id desc limit ${limit}`.execute(db);
  const withdrawals = rows.map(toWithdrawal);
  if (rows.length === limit) return { withdrawals, seenToId: undefined };
  const { rows: last } = await sql<{ id: string }>`
    select id from withdrawal where ${within(filter)}
    order by id desc offset ${MAX_SCANNED_WITHDRAWALS - 1} limit 1`.execute(db);
  return { withdrawals, seenToId: last[0]?.id };
}

function within({ merchantId, fromId, beforeId }: WithdrawalFilter): RawBuilder<unknown> {
  const bounds = sql`id >= ${fromId}::uuid and id < ${beforeId}::uuid`;
  return merchantId === undefined ? bounds : sql`merchant_id = ${merchantId}::uuid and ${bounds}`;
}
