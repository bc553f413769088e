import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { Tables } from "./tables.ts";

/**
 * Finds the time of a committed transfer by its number, in microseconds since 1970: its event says
 * between which times it is.
 */
export async function findTimeOfSeq({ sql: db }: Database<Tables>, seq: number): Promise<number> {
  const event = await sql<{ at_us: number; after_us: number }>`
    select at_us, coalesce((select before.at_us from ledger_commit before
        where before.last_seq < ${seq} order by before.last_seq desc limit 1), 0) as after_us
      from ledger_commit where last_seq >= ${seq} order by last_seq limit 1`.execute(db);
  const { at_us: atUs, after_us: afterUs } = event.rows[0]!;
  const found = await sql<{ at_us: number }>`select at_us from transfer
    where at_us > ${afterUs} and at_us <= ${atUs} and seq = ${seq}`.execute(db);
  return found.rows[0]!.at_us;
}

/** The number of the last transfer until a time; 0 when there is none. */
export async function findSeqUntil({ sql: db }: Database<Tables>, untilUs: number) {
  const whole = await sql<{ seq: number; at_us: number }>`select last_seq as seq, at_us
    from ledger_commit where at_us <= ${untilUs} order by at_us desc limit 1`.execute(db);
  const { seq, at_us: atUs } = whole.rows[0] ?? { seq: 0, at_us: 0 };
  // Of the event after those that are over a part may be over.
  const part = await sql<{ seq: number | null }>`select max(seq) as seq from transfer
    where at_us > ${atUs} and at_us <= ${untilUs}`.execute(db);
  return part.rows[0]!.seq ?? seq;
}
