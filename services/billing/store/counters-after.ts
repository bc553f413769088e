import { type RawBuilder, sql } from "kysely";

/**
 * The counters of the debit side of an account after all transfers until a time: those of the last
 * row that debits it. A place of null is nobody's.
 */
export function debitsAfter(slot: Sql, untilUs: Sql): RawBuilder<unknown> {
  return sql`(
    select debit_pending_after as pending, debit_posted_after as posted, debit_version as version
      from transfer where debit_slot = ${slot} and at_us <= ${untilUs} order by at_us desc limit 1
  )`;
}

/** The same of the credit side. */
export function creditsAfter(slot: Sql, untilUs: Sql): RawBuilder<unknown> {
  return sql`(
    select credit_pending_after as pending, credit_posted_after as posted, credit_version as version
      from transfer where credit_slot = ${slot} and at_us <= ${untilUs} order by at_us desc limit 1
  )`;
}

/** A value, or what yields one. */
type Sql = RawBuilder<unknown> | number | null;
