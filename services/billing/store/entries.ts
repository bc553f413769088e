import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import { balanceOf, type Entry, entrySideOf, entryTypeOf } from "../domain/wallet.ts";
import type { Stretch } from "./stretch.ts";
import type { Tables } from "./tables.ts";

/**
 * Lists what changed the balance of an owner's account, newest first. A row has the counters of
 * its own side after it; those of the other side are in the last row before it of that side. What
 * others hold for the owner is no change: it can't be spent before it is posted (ACC-3).
 */
export async function listEntries(
  { sql: db }: Database<Tables>,
  slot: number,
  { beforeUs, limit }: Stretch,
): Promise<Entry[]> {
  const found = await sql<EntryRow>`
    with page as (
      (select at_us from transfer
        where debit_slot = ${slot} and at_us < ${beforeUs} order by at_us desc limit ${limit})
      union all
      (select at_us from transfer
        where credit_slot = ${slot} and kind in (1, 3) and at_us < ${beforeUs}
        order by at_us desc limit ${limit})
      order by at_us desc limit ${limit}
    )
    select t.seq, t.id, t.kind, t.code, t.ledger, t.amount, t.at_us, t.debit_slot = ${slot} as is_debit,
      case when t.debit_slot = ${slot} then t.debit_pending_after
        else coalesce(debited.debit_pending_after, 0) end as debits_pending,
      case when t.debit_slot = ${slot} then t.debit_posted_after
        else coalesce(debited.debit_posted_after, 0) end as debits_posted,
      case when t.credit_slot = ${slot} then t.credit_posted_after
        else coalesce(credited.credit_posted_after, 0) end as credits_posted,
      coalesce(own.reference, of_pending.reference, '') as reference
    from page join transfer t using (at_us)
    left join lateral (
      select debit_pending_after, debit_posted_after from transfer
        where debit_slot = ${slot} and at_us < t.at_us order by at_us desc limit 1
    ) debited on t.credit_slot = ${slot}
    left join lateral (
      select credit_posted_after from transfer
        where credit_slot = ${slot} and at_us < t.at_us order by at_us desc limit 1
    ) credited on t.debit_slot = ${slot}
    left join transfer_reference own on own.at_us = t.at_us
    left join transfer_reference of_pending on of_pending.at_us = t.pending_at_us
    order by t.at_us desc`.execute(db);
  return found.rows.map(toEntry);
}

type EntryRow = {
  seq: number;
  id: string;
  kind: number;
  code: number;
  ledger: number;
  amount: bigint;
  at_us: number;
  is_debit: boolean;
  debits_pending: bigint;
  debits_posted: bigint;
  credits_posted: bigint;
  reference: string;
};

function toEntry(row: EntryRow): Entry {
  const counters = {
    debitsPending: row.debits_pending,
    debitsPosted: row.debits_posted,
    creditsPosted: row.credits_posted,
  };
  return {
    id: hexOf(row.id),
    seq: row.seq,
    type: entryTypeOf(row.kind, row.code),
    side: entrySideOf(row.kind, row.is_debit),
    amountMinor: row.amount,
    balance: balanceOf(row.ledger, counters),
    reference: row.reference,
    atUs: row.at_us,
  };
}
