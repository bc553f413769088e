import { sql } from "kysely";
import type { Queries } from "./tables.ts";

/** A transfer that the ledger has to be told. */
export type Booking = {
  /** What names it for ever. */
  readonly path: string;
  readonly provider: string;
  /** The payout that has left the account; null for money that came in. */
  readonly payoutId: string | null;
  readonly amountMinor: bigint;
  /** What the bank has said beside it. */
  readonly reference: string;
  readonly tries: number;
};

/** Bookings that are due, those that wait longest first. */
export async function findDueBookings(db: Queries, limit: number): Promise<Booking[]> {
  const { rows } = await sql<Booking>`
    select path, provider, payout_id as "payoutId", amount_minor as "amountMinor", reference, tries
    from booking where due_at <= now() order by due_at limit ${limit}`.execute(db);
  return rows;
}

/** Forgets bookings that the ledger has. */
export async function endBookings(db: Queries, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  await sql`delete from booking where path = any(${[...paths]}::text[])`.execute(db);
}

/** A booking that the ledger has refused. */
export type RefusedBooking = {
  readonly path: string;
  readonly status: string;
  readonly delayMs: number;
};

/** Keeps what the ledger has said of bookings, and when each is tried again. */
export async function delayBookings(
  db: Queries,
  refused: readonly RefusedBooking[],
): Promise<void> {
  if (refused.length === 0) return;
  await sql`
    update booking set tries = least(tries + 1, 1000), status = one.status,
      due_at = now() + one.delay_ms * interval '1 millisecond'
    from unnest(${refused.map(({ path }) => path)}::text[],
      ${refused.map(({ status }) => status)}::text[],
      ${refused.map(({ delayMs }) => delayMs)}::float8[]) as one (path, status, delay_ms)
    where booking.path = one.path`.execute(db);
}

/** How many bookings wait, counted up to a limit. */
export async function countBookings(db: Queries, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (select from booking limit ${limit}) as waiting`.execute(db);
  return rows[0]!.count;
}
