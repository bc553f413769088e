import { type RawBuilder, sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { MAX_SCANNED_ENTRIES } from "#mesh/limits.ts";
import type { Id } from "../domain/account.ts";
import { nearFirst, type TimeRange, type Within } from "./near-first.ts";
import { searchUserData } from "./search-user-data.ts";
import type { Tables } from "./tables.ts";

/** Which transfers to find: at least by one of account, reference and user data. */
export type TransferSearch = {
  /** The place of the account that they touch. */
  readonly slot?: number | undefined;
  readonly reference?: string | undefined;
  readonly userData?: Id | undefined;
  readonly code?: number | undefined;
};

/** The times of the transfers that one look found, newest first. */
export type FoundTimes = {
  readonly atsUs: readonly number[];
  /** Where the look ended before it had seen all; undefined when it has, or found enough. */
  readonly seenToUs: number | undefined;
};

/**
 * Finds transfers, newest first, by an index of what is named: the reference, else the account, else
 * the user data. All else is looked for among those, of which one look goes through a bounded number.
 */
export async function searchTransfers(
  db: Database<Tables>,
  search: TransferSearch,
  within: Within,
): Promise<FoundTimes> {
  const { slot, reference, userData } = search;
  if (reference !== undefined) return look(db, withReference(reference), search, within);
  if (slot === undefined) return searchUserData(db, { ...search, userData: userData! }, within);
  const atsUs: number[] = [];
  for (const range of nearFirst(within)) {
    const part = { ...range, limit: within.limit - atsUs.length };
    const found = await look(db, touching(slot), search, part);
    atsUs.push(...found.atsUs);
    const isEnough = atsUs.length === within.limit;
    if (isEnough || found.seenToUs !== undefined) return { ...found, atsUs };
  }
  return { atsUs, seenToUs: undefined };
}

/** Selects the newest rows of a range that have what is named; each of them is looked at. */
type Seen = (range: TimeRange) => RawBuilder<unknown>;

async function look(
  { sql: db }: Database<Tables>,
  seen: Seen,
  search: TransferSearch,
  { limit, ...range }: Within,
): Promise<FoundTimes> {
  const { rows } = await sql<{ at_us: number }>`
    select at_us from ${seen(range)} seen where ${fits(search)}
      order by at_us desc limit ${limit}`.execute(db);
  const atsUs = rows.map((row) => row.at_us);
  if (atsUs.length === limit) return { atsUs, seenToUs: undefined };
  const { rows: last } = await sql<{ at_us: number }>`
    select at_us from ${seen(range)} seen
      order by at_us desc offset ${MAX_SCANNED_ENTRIES - 1} limit 1`.execute(db);
  return { atsUs, seenToUs: last[0]?.at_us };
}

function touching(slot: number): Seen {
  return ({ fromUs, beforeUs }) => {
    const sides = ["debit_slot", "credit_slot"].map(
      (side) => sql`(select at_us, debit_slot, credit_slot, user_data, code from transfer
        where ${sql.ref(side)} = ${slot} and at_us >= ${fromUs} and at_us < ${beforeUs}
        order by at_us desc limit ${MAX_SCANNED_ENTRIES})`,
    );
    return sql`(select * from (${sql.join(sides, sql` union all `)}) touching
      order by at_us desc limit ${MAX_SCANNED_ENTRIES})`;
  };
}

/** The index has hashes; a limit of one keeps the transfers from being read from end to end. */
function withReference(reference: string): Seen {
  return ({ fromUs, beforeUs }) => sql`(
    select t.* from (
      select at_us from transfer_reference
        where hashtextextended(reference, 0) = hashtextextended(${reference}, 0)
          and reference = ${reference} and at_us >= ${fromUs} and at_us < ${beforeUs}
        order by at_us desc limit ${MAX_SCANNED_ENTRIES}
    ) shown cross join lateral (
      select at_us, debit_slot, credit_slot, user_data, code from transfer
        where transfer.at_us = shown.at_us limit 1
    ) t)`;
}

/** What the rows that have it have to be besides. */
function fits({ slot, userData, code }: TransferSearch): RawBuilder<unknown> {
  const conditions = [
    slot !== undefined && sql`${slot}::bigint in (debit_slot, credit_slot)`,
    userData !== undefined && sql`user_data = ${userData}`,
    code !== undefined && sql`code = ${code}`,
  ];
  return sql.join([sql`true`, ...conditions.filter((one) => one !== false)], sql` and `);
}
