import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { MAX_BANK_TEXT_LENGTH } from "#mesh/limits.ts";
import type { Queries, Tables, Tx } from "./tables.ts";

/** A call-back that is to be stored. */
export type NewCallback = {
  readonly provider: string;
  readonly eventId: string;
  readonly kind: "SUCCEEDED" | "ACCEPTED" | "FAILED" | "RETURNED";
  readonly ref: string;
  readonly bankReference: string;
  readonly amountMinor?: bigint;
  readonly code: string;
  readonly text: string;
  /** The bytes that were signed. */
  readonly body: Buffer;
};

/** A call-back that is to be applied, with the first characters of its body. */
export type DueCallback = Omit<NewCallback, "body" | "eventId"> & {
  readonly seq: string;
  readonly raw: string;
};

/** What a call-back did. */
export type Applied = {
  readonly seq: string;
  readonly effect: "MOVED" | "NOTHING" | "STRANGE";
};

/** Stores call-backs in their order; an event that is there already stays as it is. */
export async function insertCallbacks(
  { sql: db }: Database<Tables>,
  callbacks: readonly NewCallback[],
): Promise<void> {
  if (callbacks.length === 0) return;
  const all = <T>(field: (one: NewCallback) => T) => callbacks.map(field);
  await sql`
    insert into bank_callback
      (provider, event_id, kind, our_ref, bank_reference, amount_minor, code, text, body)
    select * from unnest(
      ${all(({ provider }) => provider)}::text[], ${all(({ eventId }) => eventId)}::text[],
      ${all(({ kind }) => kind)}::text[], ${all(({ ref }) => ref)}::text[],
      ${all(({ bankReference }) => bankReference)}::text[],
      ${all(({ amountMinor }) => amountMinor?.toString() ?? null)}::numeric[],
      ${all(({ code }) => code)}::text[], ${all(({ text }) => text)}::text[],
      ${all(({ body }) => body)}::bytea[])
    on conflict do nothing`.execute(db);
}

/** Locks call-backs that are due, and returns them in the order of their arrival. */
export async function lockDueCallbacks(tx: Tx, most: number): Promise<DueCallback[]> {
  const { rows } = await sql<Row>`
    select seq::text, provider, kind, our_ref, bank_reference, amount_minor::text, code, text, body
    from bank_callback where due_at <= now() order by seq limit ${most}
    for update skip locked`.execute(tx);
  return rows.map(toDue);
}

type Row = Pick<NewCallback, "provider" | "kind" | "code" | "text" | "body"> & {
  readonly seq: string;
  readonly our_ref: string;
  readonly bank_reference: string;
  readonly amount_minor: string | null;
};

function toDue(row: Row): DueCallback {
  const { seq, provider, kind, code, text, amount_minor: minor } = row;
  return {
    seq,
    provider,
    kind,
    code,
    text,
    ref: row.our_ref,
    bankReference: row.bank_reference,
    raw: row.body.toString().slice(0, MAX_BANK_TEXT_LENGTH),
    ...(minor !== null && { amountMinor: BigInt(minor) }),
  };
}

/** Writes down what call-backs did. */
export async function settleCallbacks(tx: Tx, applied: readonly Applied[]): Promise<void> {
  const seqs = applied.map(({ seq }) => seq);
  const effects = applied.map(({ effect }) => effect);
  await sql`
    update bank_callback c set due_at = null, effect = done.effect
    from unnest(${seqs}::bigint[], ${effects}::text[]) as done (seq, effect)
    where c.seq = done.seq and c.due_at is not null`.execute(tx);
}

/** Puts off the first call-back that is due, ever longer; tells its provider and reference. */
export async function postponeCallback(
  db: Queries,
  mostMs: number,
): Promise<{ readonly provider: string; readonly ref: string } | undefined> {
  const { rows } = await sql<{ provider: string; ref: string }>`
    update bank_callback set tries = least(tries + 1, 30000),
      due_at = now() + least(${mostMs}, 1000 * power(2, least(tries, 20))) * interval '1 ms'
    where seq = (select seq from bank_callback where due_at <= now() order by seq limit 1)
    returning provider, our_ref as ref`.execute(db);
  return rows[0];
}

/** Removes some call-backs that were applied and are older than so many days; tells how many. */
export async function deleteCallbacks(
  db: Queries,
  { keptDays, most }: { readonly keptDays: number; readonly most: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from bank_callback where seq in (
      select seq from bank_callback
      where received_at < now() - make_interval(days => ${keptDays}) and due_at is null
      order by received_at limit ${most})`.execute(db);
  return Number(numAffectedRows);
}
