import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { Balances, StoredTransfer } from "../domain/transfer.ts";
import type { Tables } from "./tables.ts";
import type { Place } from "./transfers.ts";

/** Reads the counters of an account after all transfers until a time, from their rows (EXT-5). */
export async function findBalancesAt(
  { sql: db }: Database<Tables>,
  { slot, sinceUs }: Place,
  untilUs: number,
): Promise<Balances> {
  const { rows } = await sql<BalancesRow>`
    select coalesce(taken.pending, 0) as debits_pending, coalesce(taken.posted, 0) as debits_posted,
      coalesce(given.pending, 0) as credits_pending, coalesce(given.posted, 0) as credits_posted,
      greatest(taken.version, given.version, 0) as version
    from (values (1)) one
    left join lateral debits_after(${slot}, ${sinceUs}, ${untilUs}) taken on true
    left join lateral credits_after(${slot}, ${sinceUs}, ${untilUs}) given on true`.execute(db);
  const row = rows[0]!;
  return {
    debitsPending: row.debits_pending,
    debitsPosted: row.debits_posted,
    creditsPending: row.credits_pending,
    creditsPosted: row.credits_posted,
    version: row.version,
  };
}

type BalancesRow = {
  debits_pending: bigint;
  debits_posted: bigint;
  credits_pending: bigint;
  credits_posted: bigint;
  version: number;
};

/** The counters of the two accounts of a transfer after it. */
export type BothBalances = { readonly debit: Balances; readonly credit: Balances };

/**
 * Reads the counters that the accounts of committed transfers had after them, by the time of the
 * transfer (TRF-7): a row has those of its own sides, the rows before it have the others. Many an
 * account has no such row in all its months: so they are looked through once an account, for its
 * first transfer, and for the others only what has happened since that one.
 */
export async function findBalancesAfter(
  { sql: db }: Database<Tables>,
  transfers: readonly StoredTransfer[],
): Promise<Map<number, BothBalances>> {
  const columns = [
    transfers.map(({ atUs }) => atUs),
    transfers.map(({ debitSlot }) => debitSlot),
    transfers.map(({ creditSlot }) => creditSlot),
  ].map((values) => sql`${values}::bigint[]`);
  const { rows } = await sql<OthersRow>`
    with wanted as (
      select * from unnest(${sql.join(columns)}) wanted (at_us, debit_slot, credit_slot)
    ), debited as materialized (
      select slot, first_us, pending, posted
      from (select debit_slot as slot, min(at_us) as first_us from wanted group by 1) debited
      join account using (slot)
      left join lateral credits_after(slot, created_at_us, first_us) given on true
    ), credited as materialized (
      select slot, first_us, pending, posted
      from (select credit_slot as slot, min(at_us) as first_us from wanted group by 1) credited
      join account using (slot)
      left join lateral debits_after(slot, created_at_us, first_us) taken on true
    )
    select at_us, coalesce(given.pending, debited.pending, 0) as credits_pending,
      coalesce(given.posted, debited.posted, 0) as credits_posted,
      coalesce(taken.pending, credited.pending, 0) as debits_pending,
      coalesce(taken.posted, credited.posted, 0) as debits_posted
    from wanted
    join debited on debited.slot = debit_slot
    join credited on credited.slot = credit_slot
    left join lateral credits_after(debit_slot, debited.first_us + 1, at_us) given on true
    left join lateral debits_after(credit_slot, credited.first_us + 1, at_us) taken on true
  `.execute(db);
  const others = new Map(rows.map((row) => [row.at_us, row]));
  return new Map(transfers.map((one) => [one.atUs, toBoth(one, others.get(one.atUs)!)]));
}

/** The credit side of the debit account, and the debit side of the credit account. */
type OthersRow = Omit<BalancesRow, "version"> & { at_us: number };

function toBoth(transfer: StoredTransfer, others: OthersRow): BothBalances {
  return {
    debit: {
      debitsPending: transfer.debitPendingAfter,
      debitsPosted: transfer.debitPostedAfter,
      creditsPending: others.credits_pending,
      creditsPosted: others.credits_posted,
      version: transfer.debitVersion,
    },
    credit: {
      debitsPending: others.debits_pending,
      debitsPosted: others.debits_posted,
      creditsPending: transfer.creditPendingAfter,
      creditsPosted: transfer.creditPostedAfter,
      version: transfer.creditVersion,
    },
  };
}
