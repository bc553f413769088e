import { sql } from "kysely";
import { WITHDRAWAL_LEASE_MS } from "#mesh/limits.ts";
import type { MerchantState } from "../domain/merchant.ts";
import type { Withdrawal } from "../domain/withdrawal.ts";
import type { Queries } from "./tables.ts";
import { columns, type Row, toWithdrawal } from "./withdrawal-rows.ts";

/** A withdrawal to be, and the name of its request. */
export type NewWithdrawal = {
  readonly id: string;
  readonly merchantId: string;
  /** In minor units. */
  readonly amount: bigint;
  readonly fee: bigint;
  readonly key: string;
  readonly hash: Uint8Array;
  readonly createdAtMs: number;
};

/**
 * Inserts withdrawals of merchants that are ACTIVE, in one statement, and takes them for as long as
 * a lease lasts. What has the key of another one, or somebody else's merchant, is left out.
 */
export async function insertWithdrawals(
  db: Queries,
  wanted: readonly NewWithdrawal[],
): Promise<Withdrawal[]> {
  // In the order of their keys, so that two that meet in some of them don't lock each other.
  const all = wanted.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const times = all.map(({ createdAtMs }) => new Date(createdAtMs).toISOString());
  const { rows } = await sql<Row>`
    insert into withdrawal (id, merchant_id, amount, fee, bank_account, request_key, request_hash,
      created_at, updated_at, due_at)
    select new.id, merchant.id, new.amount, new.fee, merchant.bank_account, new.key, new.hash,
      new.at, new.at, now() + ${WITHDRAWAL_LEASE_MS} * interval '1 millisecond'
    from unnest(${all.map(({ id }) => id)}::uuid[],
      ${all.map(({ merchantId }) => merchantId)}::uuid[],
      ${all.map(({ amount }) => String(amount))}::numeric[],
      ${all.map(({ fee }) => String(fee))}::numeric[], ${all.map(({ key }) => key)}::text[],
      ${all.map(({ hash }) => Buffer.from(hash))}::bytea[], ${times}::timestamptz[])
      as new (id, merchant_id, amount, fee, key, hash, at)
    join merchant on merchant.id = new.merchant_id and merchant.state = 'ACTIVE'
    on conflict (merchant_id, request_key) where request_key is not null do nothing
    returning ${columns}`.execute(db);
  return rows.map(toWithdrawal);
}

function nameOf({ merchantId, key }: NewWithdrawal): string {
  return `${merchantId} ${key}`;
}

/** What stands in the way of a new withdrawal: an earlier one with its key, or its merchant. */
export type Obstacle = {
  readonly merchantId: string;
  readonly key: string;
  /** Undefined for nobody's. */
  readonly merchant: MerchantState | undefined;
  readonly earlier: Earlier | undefined;
};

/** An earlier withdrawal of a key. */
export type Earlier = {
  readonly row: Withdrawal;
  /** What was asked. */
  readonly hash: Uint8Array;
  /** What was told before the end. */
  readonly answer: Uint8Array | undefined;
};

/** Finds out why withdrawals were not inserted. */
export async function findObstacles(
  db: Queries,
  wanted: readonly Pick<NewWithdrawal, "merchantId" | "key">[],
): Promise<Obstacle[]> {
  const { rows } = await sql<ObstacleRow>`
    select asked.merchant_id as asked_id, asked.key as asked_key, merchant.state as merchant_state,
      request_hash, answer, ${columns}
    from unnest(${wanted.map(({ merchantId }) => merchantId)}::uuid[],
      ${wanted.map(({ key }) => key)}::text[]) as asked (merchant_id, key)
    left join merchant on merchant.id = asked.merchant_id
    left join withdrawal on withdrawal.merchant_id = asked.merchant_id and request_key = asked.key
    `.execute(db);
  return rows.map((row) => ({
    merchantId: row.asked_id,
    key: row.asked_key,
    merchant: row.merchant_state ?? undefined,
    earlier: row.request_hash === null ? undefined : toEarlier(row, row.request_hash),
  }));
}

type ObstacleRow = Row & {
  readonly asked_id: string;
  readonly asked_key: string;
  readonly merchant_state: MerchantState | null;
  readonly request_hash: Uint8Array | null;
  readonly answer: Uint8Array | null;
};

function toEarlier(row: ObstacleRow, hash: Uint8Array): Earlier {
  return { row: toWithdrawal(row), hash, answer: row.answer ?? undefined };
}
