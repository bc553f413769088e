import { type RawBuilder, sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import { MAX_SCANNED_ENTRIES } from "#mesh/limits.ts";
import {
  balanceOf,
  type Entry,
  type EntryType,
  typesOfCodes,
  typesOfKinds,
} from "../domain/wallet.ts";
import { creditsAfter, debitsAfter } from "./counters-after.ts";
import type { OwnSlots } from "./own-slots.ts";
import type { Tables } from "./tables.ts";

/** Which entries to find. */
export type EntrySearch = {
  /** From this time and before that one, in microseconds since 1970. */
  readonly fromUs: number;
  readonly beforeUs: number;
  readonly isOldestFirst?: boolean;
  readonly limit: number;
  /** Only these types; none is all. */
  readonly types?: readonly EntryType[];
  /** Only those with this reference; none is all. */
  readonly reference?: string;
};

/** What one look found. */
export type FoundEntries = {
  readonly entries: readonly Entry[];
  /**
   * Where the look ended before all was seen: the next one is of the times before it, or from it
   * on when the oldest come first. Undefined when all was seen, or enough was found.
   */
  readonly seenToUs: number | undefined;
};

/**
 * Finds what changed the balance of an owner's asset, over both accounts: one between them is one
 * entry. The balance after each is that of the last rows of each side of both accounts until then.
 * A look goes through a bounded number of rows, so that a filter that hardly anything fits does not
 * read years. Others' holds for the owner are no entries (ACC-3).
 */
export async function findEntries(
  { sql: db }: Database<Tables>,
  own: OwnSlots,
  search: EntrySearch,
): Promise<FoundEntries> {
  const { limit, isOldestFirst = false } = search;
  const order = isOldestFirst ? sql`at_us asc` : sql`at_us desc`;
  const touching = touchingOf(own, search, order);
  const { rows } = await sql<EntryRow>`
    select page.*,
      coalesce(taken.pending, 0) as debits_pending, coalesce(taken.posted, 0) as debits_posted,
      coalesce(given.posted, 0) as credits_posted,
      coalesce(given_orders.posted, 0) - coalesce(taken_orders.posted, 0) as in_orders
    from (
      select id, kind, ledger, amount, at_us, is_debit, is_own, type, reference from (
        select *, ${typeOf(own)} as type,
          is_debit and (credit_slot is not distinct from ${own.available}::bigint
            or credit_slot is not distinct from ${own.inOrders}::bigint) as is_own,
          coalesce(
            (select reference from transfer_reference shown where shown.at_us = seen.at_us),
            (select reference from transfer_reference shown where shown.at_us = seen.pending_at_us),
            ''
          ) as reference
        from (select * from ${touching} touching order by ${order} limit ${MAX_SCANNED_ENTRIES}) seen
        where is_debit or (kind in (1, 3)
          and debit_slot is distinct from ${own.available}::bigint
          and debit_slot is distinct from ${own.inOrders}::bigint)
      ) entry
      where ${fits(search)} order by ${order} limit ${limit}
    ) page
    left join lateral ${debitsAfter(own.available, sql`page.at_us`)} taken on true
    left join lateral ${creditsAfter(own.available, sql`page.at_us`)} given on true
    left join lateral ${debitsAfter(own.inOrders, sql`page.at_us`)} taken_orders on true
    left join lateral ${creditsAfter(own.inOrders, sql`page.at_us`)} given_orders on true
    order by ${order}`.execute(db);
  const entries = rows.map(toEntry);
  if (entries.length === limit) return { entries, seenToUs: undefined };
  const { rows: last } = await sql<{ at_us: number }>`
    select at_us from ${touching} touching
      order by ${order} offset ${MAX_SCANNED_ENTRIES - 1} limit 1`.execute(db);
  return upTo(last[0]?.at_us, entries, isOldestFirst);
}

/** Of one time there may be two rows, the sides of one entry: the last time seen is seen again. */
function upTo(
  lastUs: number | undefined,
  entries: readonly Entry[],
  isOldestFirst: boolean,
): FoundEntries {
  if (lastUs === undefined) return { entries, seenToUs: undefined };
  const seenToUs = isOldestFirst ? lastUs : lastUs + 1;
  return { entries: entries.filter(({ atUs }) => atUs !== lastUs), seenToUs };
}

/** The rows that touch the accounts, each side by its index; the owner has to be theirs (S7). */
function touchingOf(
  { ownerId, available, inOrders, sinceUs }: OwnSlots,
  { fromUs, beforeUs }: EntrySearch,
  order: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const sides = [available, inOrders].flatMap((slot) =>
    (["debit_slot", "credit_slot"] as const).map(
      (side) => sql`(
        select ${sql.raw(columns)}, ${sql.lit(side === "debit_slot")}::boolean as is_debit
          from transfer where ${sql.ref(side)} = ${slot}
            and exists (select from account where slot = ${slot} and user_data = ${ownerId})
            and at_us >= ${Math.max(fromUs, sinceUs)} and at_us < ${beforeUs}
          order by ${order} limit ${MAX_SCANNED_ENTRIES})`,
    ),
  );
  return sql`(${sql.join(sides, sql` union all `)})`;
}

const columns =
  "id, kind, code, ledger, amount, at_us, pending_at_us, reverts_at_us, debit_slot, credit_slot";

/** What a row is to its owner. Between the own accounts nothing comes or leaves. */
function typeOf({ available, inOrders }: OwnSlots): RawBuilder<unknown> {
  return sql`case ${cases("kind", typesOfKinds)}
    when is_debit and credit_slot is not distinct from ${inOrders}::bigint then 'hold'
    when is_debit and credit_slot is not distinct from ${available}::bigint then 'hold_release'
    when reverts_at_us is not null then 'reversal'
    ${cases("code", typesOfCodes)} else 'transfer' end`;
}

function cases(column: string, types: Readonly<Record<number, EntryType>>): RawBuilder<unknown> {
  const all = Object.entries(types).map(([value, type]) => {
    return `when ${column} = ${value} then '${type}'`;
  });
  return sql.raw(all.join(" "));
}

function fits({ types = [], reference = "" }: EntrySearch): RawBuilder<unknown> {
  const ofType = types.length === 0 ? sql`true` : sql`type = any (${[...types]}::text[])`;
  return reference === "" ? ofType : sql`${ofType} and reference = ${reference}`;
}

type EntryRow = {
  id: string;
  kind: number;
  ledger: number;
  amount: bigint;
  at_us: number;
  is_debit: boolean;
  /** Whether both sides are the owner's. */
  is_own: boolean;
  type: EntryType;
  debits_pending: bigint;
  debits_posted: bigint;
  credits_posted: bigint;
  in_orders: bigint;
  reference: string;
};

function toEntry(row: EntryRow): Entry {
  const available = {
    debitsPending: row.debits_pending,
    debitsPosted: row.debits_posted,
    creditsPosted: row.credits_posted,
  };
  const inOrders = { debitsPending: 0n, debitsPosted: 0n, creditsPosted: row.in_orders };
  const isMoved = !row.is_own && typesOfKinds[row.kind] === undefined;
  return {
    id: hexOf(row.id),
    type: row.type,
    side: isMoved ? (row.is_debit ? "debit" : "credit") : "none",
    amountMinor: row.amount,
    balance: balanceOf(row.ledger, available, inOrders),
    reference: row.reference,
    atUs: row.at_us,
  };
}
