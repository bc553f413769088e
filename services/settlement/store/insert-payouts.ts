import { sql } from "kysely";
import type { Payout } from "../domain/payout.ts";
import type { Queries } from "./tables.ts";

/** A payout to store where its checks have left it. */
export type NewRow = {
  readonly payout: Payout;
  /** SHA-256 of what the caller asked for, in hex. */
  readonly hash: string;
  /** When it is looked at next; Infinity while it waits for people. */
  readonly dueInMs: number;
};

/** Which of some payouts were stored, and when. */
export type Inserted = { readonly ids: ReadonlySet<string>; readonly atMs: number };

/**
 * Stores payouts in one statement, with their first attempts and events (PAY-2). Those whose ids
 * are there already stay as they are. No id comes twice.
 */
export async function insertPayouts(db: Queries, rows: readonly NewRow[]): Promise<Inserted> {
  if (rows.length === 0) return { ids: new Set(), atMs: 0 };
  const sorted = rows.toSorted((one, other) => (one.payout.id < other.payout.id ? -1 : 1));
  const given = JSON.stringify(sorted.map(toGiven)); // sorted, so that no two lock each other
  const { rows: stored } = await sql<{ id: string; at_ms: number }>`
    with given as (
      select * from json_to_recordset(${given}) as g (id uuid, merchant_id uuid, account_id text,
        amount_minor numeric, asset text, bank_account text, hash text, state payout_state,
        stage payout_stage, reason text, provider text, our_ref text,
        is_counted boolean, due text, wait_ms float8)
    ), stored as (
      insert into payout (id, merchant_id, account_id, amount_minor, asset, bank_account, hash,
        state, stage, reason, provider, due_at)
      select id, merchant_id, account_id, amount_minor, asset, bank_account, decode(hash, 'hex'),
        state, stage, reason, provider,
        coalesce(due::timestamptz, now() + wait_ms * interval '1 ms')
      from given on conflict (id) do nothing returning id
    ), tried as (
      insert into payout_attempt (payout_id, no, provider, our_ref, state, call_until, counted_on)
      select id, 1, provider, our_ref, 'CREATED', now() + wait_ms * interval '1 ms',
        case when is_counted then (now() at time zone 'UTC')::date end
      from given join stored using (id) where our_ref is not null
    ), noted as (
      insert into payout_event (payout_id, version, state, stage, reason)
      select id, 1, state, stage, reason from given join stored using (id)
    )
    select id, floor(extract(epoch from now()) * 1000)::float8 as at_ms from stored`.execute(db);
  return { ids: new Set(stored.map(({ id }) => id)), atMs: stored[0]?.at_ms ?? 0 };
}

function toGiven({ payout, hash, dueInMs }: NewRow) {
  const [attempt] = payout.attempts;
  return {
    id: payout.id,
    merchant_id: payout.merchantId,
    account_id: payout.accountId,
    amount_minor: String(payout.amountMinor),
    asset: payout.asset,
    bank_account: payout.bankAccount,
    hash,
    state: payout.state,
    stage: payout.stage,
    reason: payout.reason,
    provider: payout.provider,
    our_ref: attempt?.ourRef,
    is_counted: attempt?.isCounted,
    ...dueOf(payout, dueInMs),
  };
}

/** When a payout is looked at next, as statements have it: never once it has ended. */
export function dueOf({ stage, state }: Pick<Payout, "stage" | "state">, dueInMs: number) {
  if (stage === undefined && state !== "UNKNOWN") return {};
  return dueInMs === Infinity ? { due: "infinity" } : { wait_ms: dueInMs };
}
