import { sql } from "kysely";
import type { JudgedLine, StatedPayout } from "../domain/judge-lines.ts";
import type { StatementLine } from "../domain/statement-line.ts";
import type { Tx } from "./tables.ts";

/** Whose lines they are. */
export type LinesOf = { readonly provider: string; readonly statementId: string };

/** What became of lines that were handed to the store. */
export type AddedLines = {
  /** How many were new. */
  readonly addedCount: number;
  /** The new ones that did not simply find their payment. */
  readonly restIds: readonly string[];
};

/**
 * Adds those lines that are not there yet. The usual ones, the only line out for a payment that is
 * awaited, with its amount, take that payment away and have it booked, all in this statement; the
 * others are left to be compared. Ids have to be distinct.
 */
export async function addLines(
  tx: Tx,
  { provider, statementId }: LinesOf,
  lines: readonly StatementLine[],
): Promise<AddedLines> {
  const uses = new Map<string, number>();
  for (const { reference } of lines) uses.set(reference, (uses.get(reference) ?? 0) + 1);
  const isPlain = ({ isIncoming, reference }: StatementLine) =>
    !isIncoming && reference !== "" && uses.get(reference) === 1;
  const { rows } = await sql<AddedLines>`
    with line as materialized (
      select id, is_incoming, is_plain, coalesce(reference, '') as reference, amount_minor,
        to_timestamp(booked_ms / 1000.0) as booked_at
      from unnest(${column(lines.map(({ id }) => id))},
        ${column(lines.map(({ isIncoming }) => isIncoming))}::boolean[],
        ${column(lines.map(isPlain))}::boolean[],
        ${column(lines.map(({ reference }) => reference))},
        ${column(lines.map(({ amountMinor }) => amountMinor))}::numeric[],
        ${column(lines.map(({ bookedAtMs }) => bookedAtMs))}::bigint[])
        as line (id, is_incoming, is_plain, reference, amount_minor, booked_ms)
    ), known as materialized (
      select line.*, found.payout_id from line left join lateral (
        select awaited.payout_id from awaited_payment as awaited
        where line.is_plain and awaited.reference = line.reference
          and awaited.provider = ${provider} and awaited.amount_minor = line.amount_minor
          and not exists (
            select from statement_line as other
            where other.payout_id = awaited.payout_id)
      ) as found on true
    ), added as (
      insert into statement_line (provider, line_id, statement_id, payout_id, is_incoming,
        amount_minor, booked_at, reference)
      select ${provider}, id, ${statementId}::uuid, payout_id, is_incoming, amount_minor,
        booked_at, reference
      from known on conflict do nothing
      returning line_id, payout_id, reference, amount_minor
    ), shown as (
      delete from awaited_payment
      where reference = any(array(select reference from added where payout_id is not null))
    ), found as (
      update statement_difference set is_settled = true
      where kind = 'MISSING' and not is_settled
        and payout_id = any(array(select payout_id from added where payout_id is not null))
    ), booked as (
      insert into booking (path, provider, payout_id, amount_minor)
      select 'mwd/' || payout_id || '/custody', ${provider}, payout_id, amount_minor
      from added where payout_id is not null
      on conflict do nothing
    )
    select count(*) as "addedCount",
      coalesce(array_agg(line_id) filter (where payout_id is null), '{}') as "restIds"
    from added`.execute(tx);
  return rows[0]!;
}

/** The first of lines that is there already and says something else; undefined when all agree. */
export async function findChangedLine(
  tx: Tx,
  provider: string,
  lines: readonly StatementLine[],
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select line_id as id
    from unnest(${column(lines.map(({ id }) => id))},
      ${column(lines.map(({ isIncoming }) => isIncoming))}::boolean[],
      ${column(lines.map(({ reference }) => reference))},
      ${column(lines.map(({ amountMinor }) => amountMinor))}::numeric[],
      ${column(lines.map(({ bookedAtMs }) => bookedAtMs))}::bigint[])
      as line (id, is_incoming, reference, amount_minor, booked_ms)
    join statement_line on provider = ${provider} and line_id = line.id
    where (statement_line.is_incoming, statement_line.reference, statement_line.amount_minor,
        booked_at)
      is distinct from (line.is_incoming, coalesce(line.reference, ''), line.amount_minor,
        to_timestamp(booked_ms / 1000.0))
    limit 1`.execute(tx);
  return rows[0]?.id;
}

/**
 * Ties lines to the payouts whose references they carry; returns these payouts. Lines that carry
 * none of ours stay as they are.
 */
export async function tieLines(
  tx: Tx,
  provider: string,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with tied as (
      update statement_line as line set payout_id = attempt.payout_id
      from payout_attempt as attempt
      where line.provider = ${provider} and line.line_id = any(${column(ids)})
        and attempt.our_ref = line.reference and attempt.provider = ${provider}
      returning line.payout_id
    )
    select distinct payout_id as id from tied`.execute(tx);
  return rows.map(({ id }) => id);
}

/** A payout with the reference that a provider knows it by, and all lines that carry it. */
export type PayoutWithLines = StatedPayout & {
  readonly id: string;
  readonly version: number;
  /** Whether it stays as it is for ever. */
  readonly isFinal: boolean;
  readonly reference: string;
  readonly lines: readonly (JudgedLine & { readonly statementId: string })[];
};

/** Payouts with their lines at a provider, the lines as they are now. */
export async function findPayoutLines(
  tx: Tx,
  provider: string,
  payoutIds: readonly string[],
): Promise<PayoutWithLines[]> {
  const { rows } = await sql<Row>`
    select payout.id, version, our_ref as reference, payout.amount_minor as "paidMinor",
      payout.provider = ${provider} and payout.state in ('SUCCEEDED', 'RETURNED') as "isPaid",
      payout.state = 'RETURNED' as "isReturned",
      payout.state in ('RETURNED', 'FAILED', 'CANCELLED') as "isFinal",
      line_id as "lineId", statement_id as "statementId", is_incoming as "isIncoming",
      line.amount_minor as "lineMinor"
    from unnest(${[...payoutIds]}::uuid[]) as wanted (id)
    join payout on payout.id = wanted.id
    join payout_attempt as attempt
      on attempt.payout_id = payout.id and attempt.provider = ${provider}
    join statement_line as line on line.payout_id = payout.id and line.provider = ${provider}
    order by payout.id, line_id`.execute(tx);
  return Map.groupBy(rows, ({ id }) => id)
    .values()
    .map(toPayoutWithLines)
    .toArray();
}

type Row = Omit<PayoutWithLines, "lines" | "amountMinor"> & {
  readonly paidMinor: bigint;
  readonly lineId: string;
  readonly statementId: string;
  readonly isIncoming: boolean;
  readonly lineMinor: bigint;
};

function toPayoutWithLines(rows: readonly Row[]): PayoutWithLines {
  const { id, version, isFinal, reference, paidMinor, isPaid, isReturned } = rows[0]!;
  const lines = rows.map((row) => ({
    id: row.lineId,
    statementId: row.statementId,
    isIncoming: row.isIncoming,
    amountMinor: row.lineMinor,
  }));
  return { id, version, isFinal, reference, amountMinor: paidMinor, isPaid, isReturned, lines };
}

/**
 * An array of texts without control characters, several times faster than to have the driver look
 * at each. A single empty text becomes no element, which the statements fill up.
 */
function column(values: readonly (string | number | bigint | boolean)[]) {
  return sql`string_to_array(${values.join("\n")}, E'\n')`;
}
