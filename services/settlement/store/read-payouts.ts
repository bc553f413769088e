import { type RawBuilder, sql } from "kysely";
import type { Attempt, Payout, PayoutStage, PayoutState } from "../domain/payout.ts";
import type { Queries, Tx } from "./tables.ts";

/** A payout with what only the database knows of it, by its clock (L16). */
export type StoredPayout = Payout & {
  /** How long ago the last call of each attempt has surely ended, in milliseconds; by number. */
  readonly callOverMs: ReadonlyMap<number, number>;
  /** The digest of what the caller asked for, in hex. */
  readonly hash: string;
};

/** Reads payouts by a condition on the table payout, which is called p, in no order. */
export async function readPayouts(
  db: Queries,
  which: RawBuilder<unknown>,
): Promise<StoredPayout[]> {
  const { rows } = await sql<Row>`
    select p.id, merchant_id, account_id, amount_minor, asset, bank_account, state, stage, version,
      reason, provider, bank_reference, is_contradicted, tries, encode(hash, 'hex') as hash,
      floor(extract(epoch from created_at) * 1000)::float8 as created_ms,
      floor(extract(epoch from updated_at) * 1000)::float8 as updated_ms, tried.attempts
    from payout p cross join lateral (
      select json_agg(json_build_object('no', no, 'provider', a.provider, 'ourRef', our_ref,
        'state', a.state, 'providerRef', provider_ref, 'code', code, 'text', text,
        'isCounted', counted_on is not null,
        'overMs', extract(epoch from clock_timestamp() - call_until) * 1000,
        'createdAtMs', floor(extract(epoch from a.created_at) * 1000),
        'updatedAtMs', floor(extract(epoch from a.updated_at) * 1000)) order by no) as attempts
      from payout_attempt a where payout_id = p.id) as tried
    ${which}`.execute(db);
  return rows.map(toPayout);
}

/** Reads payouts by their ids; those that are not there are left out. */
export async function findPayouts(db: Queries, ids: readonly string[]): Promise<StoredPayout[]> {
  if (ids.length === 0) return [];
  return readPayouts(db, sql`where p.id = any(${ids}::uuid[])`);
}

/** Reads payouts and keeps them from changing until the transaction ends. */
export async function lockPayouts(tx: Tx, ids: readonly string[]): Promise<StoredPayout[]> {
  if (ids.length === 0) return [];
  await sql`
    select from payout where id = any(${ids}::uuid[]) order by id for update`.execute(tx);
  return findPayouts(tx, ids); // a statement of its own sees what the locks have waited for
}

/** One of our references at a provider. */
type Reference = { readonly provider: string; readonly ref: string };

/** What names a reference in a map: what one provider says of another's is of nobody. */
export function referenceKey({ provider, ref }: Reference): string {
  return `${provider} ${ref}`;
}

/** The payouts that our references are of, by their keys. */
export async function payoutsOfReferences(
  db: Queries,
  refs: readonly Reference[],
): Promise<ReadonlyMap<string, string>> {
  const asked = JSON.stringify(refs.map(({ provider, ref }) => ({ provider, ref })));
  const { rows } = await sql<Reference & { readonly payout_id: string }>`
    select asked.provider, asked.ref, payout_id from payout_attempt
    join json_to_recordset(${asked}) as asked (provider text, ref text)
      on our_ref = asked.ref and payout_attempt.provider = asked.provider`.execute(db);
  return new Map(rows.map((row) => [referenceKey(row), row.payout_id]));
}

function toPayout(row: Row): StoredPayout {
  const attempts = row.attempts ?? [];
  return {
    id: row.id,
    merchantId: row.merchant_id,
    accountId: row.account_id,
    amountMinor: row.amount_minor,
    asset: row.asset,
    bankAccount: row.bank_account,
    state: row.state,
    stage: row.stage ?? undefined,
    version: row.version,
    reason: row.reason,
    provider: row.provider,
    bankReference: row.bank_reference,
    isContradicted: row.is_contradicted,
    tries: row.tries,
    hash: row.hash,
    createdAtMs: row.created_ms,
    updatedAtMs: row.updated_ms,
    attempts: attempts.map(toAttempt),
    callOverMs: new Map(attempts.map(({ no, overMs }) => [no, overMs])),
  };
}

function toAttempt(row: AttemptRow): Attempt {
  const { no, provider, ourRef, state, providerRef, code, text, isCounted } = row;
  const { createdAtMs, updatedAtMs } = row;
  const told = { providerRef, code, text };
  return { no, provider, ourRef, state, ...told, isCounted, createdAtMs, updatedAtMs };
}

type AttemptRow = Attempt & { readonly overMs: number };

type Row = {
  readonly id: string;
  readonly merchant_id: string;
  readonly account_id: string;
  readonly amount_minor: bigint;
  readonly asset: string;
  readonly bank_account: string;
  readonly state: PayoutState;
  readonly stage: PayoutStage | null;
  readonly version: number;
  readonly reason: string;
  readonly provider: string;
  readonly bank_reference: string;
  readonly is_contradicted: boolean;
  readonly tries: number;
  readonly hash: string;
  readonly created_ms: number;
  readonly updated_ms: number;
  readonly attempts: AttemptRow[] | null;
};
