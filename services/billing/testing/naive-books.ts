import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import { type Balances, TransferKinds } from "../domain/transfer.ts";
import type { Tables } from "../store/tables.ts";

/** What the store has of a transfer, without the counters that it has after each. */
export type NaiveRow = {
  readonly seq: number;
  readonly at_us: number;
  readonly id: string;
  readonly kind: number;
  readonly code: number;
  readonly debit_slot: number;
  readonly credit_slot: number;
  readonly amount: bigint;
  /** What the pending transfer held that it resolves. */
  readonly held: bigint | null;
  readonly reverts_at_us: number | null;
  readonly reference: string;
};

/** The counters of an account, as the rows alone tell them. */
export type NaiveCounters = { dp: bigint; d: bigint; cp: bigint; c: bigint; version: number };

/** Reads all rows in their order. */
export async function readRows({ sql: db }: Database<Tables>): Promise<NaiveRow[]> {
  const { rows } = await sql<NaiveRow>`
    select t.seq, t.at_us, t.id, t.kind, t.code, t.debit_slot, t.credit_slot, t.amount,
      pending.amount as held, t.reverts_at_us,
      coalesce(own.reference, of_pending.reference, '') as reference
    from transfer t left join transfer pending on pending.at_us = t.pending_at_us
    left join transfer_reference own on own.at_us = t.at_us
    left join transfer_reference of_pending on of_pending.at_us = t.pending_at_us
    order by t.seq`.execute(db);
  return rows.map((row) => Object.assign(row, { id: hexOf(row.id) }));
}

/** Books from nothing: `apply` adds a row to the counters of its accounts. */
export function naiveBooks() {
  const books = new Map<number, NaiveCounters>();
  const of = (slot: number): Readonly<NaiveCounters> => books.get(slot) ?? nothing;
  const apply = ({ kind, amount, held, debit_slot: debit, credit_slot: credit }: NaiveRow) => {
    const pending = kind === TransferKinds.PENDING ? amount : -(held ?? 0n);
    const isMoved = kind === TransferKinds.SINGLE || kind === TransferKinds.POST;
    const posted = isMoved ? amount : 0n;
    const from = of(debit);
    const [dp, d] = [from.dp + pending, from.d + posted];
    books.set(debit, { ...from, dp, d, version: from.version + 1 });
    const to = of(credit);
    const [cp, c] = [to.cp + pending, to.c + posted];
    books.set(credit, { ...to, cp, c, version: to.version + 1 });
  };
  return { of, apply };
}

/** Counters by the names that the ledger has for them. */
export function toBalances({ dp, d, cp, c, version }: Readonly<NaiveCounters>): Balances {
  return { debitsPending: dp, debitsPosted: d, creditsPending: cp, creditsPosted: c, version };
}

const nothing: NaiveCounters = { dp: 0n, d: 0n, cp: 0n, c: 0n, version: 0 };
