import { type RawBuilder, sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { MAX_SCANNED_ENTRIES } from "#mesh/limits.ts";
import { type EntryType, typesOfCodes, typesOfKinds } from "../domain/wallet.ts";
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

/** An entry as the store has it, with the counters of its own sides after it. */
export type EntryRow = {
  id: string;
  kind: number;
  ledger: number;
  amount: bigint;
  at_us: number;
  debit_slot: number;
  credit_slot: number;
  debit_pending_after: bigint;
  debit_posted_after: bigint;
  credit_posted_after: bigint;
  type: EntryType;
  reference: string;
  /** Whether all counters after it follow: where the entry before it is not known. */
  has_all: boolean;
  debits_pending: bigint;
  debits_posted: bigint;
  credits_posted: bigint;
  orders_debits_posted: bigint;
  orders_credits_posted: bigint;
};

/**
 * Finds the first entries in the order of the search, going through a bounded number of rows of
 * each side. A transfer between the own accounts has two rows to see, of which one counts. What
 * others hold for the owner is no entry (ACC-3).
 */
export async function findEntryRows(
  { sql: db }: Database<Tables>,
  own: OwnSlots,
  search: EntrySearch,
): Promise<EntryRow[]> {
  const order = orderOf(search);
  const [available, inOrders] = [own.available, own.inOrders].map((slot) => {
    return sql`case when has_all then ${slot}::bigint end`;
  });
  const { rows } = await sql<EntryRow>`
    select page.*,
      coalesce(taken.pending, 0) as debits_pending, coalesce(taken.posted, 0) as debits_posted,
      coalesce(given.posted, 0) as credits_posted,
      coalesce(orders_taken.posted, 0) as orders_debits_posted,
      coalesce(orders_given.posted, 0) as orders_credits_posted
    from (
      select *, ${isFiltered(search)} or at_us = min(at_us) over () as has_all from (
        select * from (
          select *, ${typeOf(own)} as type, ${reference} as reference
          from (select * from ${touching(own, search)} touching
            order by ${order} limit ${MAX_SCANNED_ENTRIES}) seen
          where is_debit or (kind in (1, 3) and not ${isOwn("debit_slot", own)})
        ) entry where ${fits(search)} order by ${order} limit ${search.limit}
      ) page
    ) page
    left join lateral debits_after(${available}, ${own.sinceUs}, at_us) taken on true
    left join lateral credits_after(${available}, ${own.sinceUs}, at_us) given on true
    left join lateral debits_after(${inOrders}, ${own.sinceUs}, at_us) orders_taken on true
    left join lateral credits_after(${inOrders}, ${own.sinceUs}, at_us) orders_given on true
    order by ${order}`.execute(db);
  return rows;
}

/** The time of the last row that a search has gone through; undefined when it has seen all. */
export async function findLastSeenUs(
  { sql: db }: Database<Tables>,
  own: OwnSlots,
  search: EntrySearch,
): Promise<number | undefined> {
  const { rows } = await sql<{ at_us: number }>`
    select at_us from ${touching(own, search)} touching
      order by ${orderOf(search)} offset ${MAX_SCANNED_ENTRIES - 1} limit 1`.execute(db);
  return rows[0]?.at_us;
}

/** The rows that touch the accounts, each side by its index; the owner has to be theirs (S7). */
function touching(
  { ownerId, available, inOrders, sinceUs }: OwnSlots,
  search: EntrySearch,
): RawBuilder<unknown> {
  const { fromUs, beforeUs } = search;
  const sides = [available, inOrders].flatMap((slot) =>
    ["debit_slot", "credit_slot"].map(
      (side) => sql`(select *, ${side === "debit_slot"}::boolean as is_debit
        from transfer where ${sql.ref(side)} = ${slot}::bigint
          and exists (select from account where slot = ${slot} and user_data = ${ownerId})
          and at_us >= ${Math.max(fromUs, sinceUs)} and at_us < ${beforeUs}
        order by ${orderOf(search)} limit ${MAX_SCANNED_ENTRIES})`,
    ),
  );
  return sql`(${sql.join(sides, sql` union all `)})`;
}

function orderOf({ isOldestFirst = false }: EntrySearch): RawBuilder<unknown> {
  return isOldestFirst ? sql`at_us asc` : sql`at_us desc`;
}

/** What a row is to its owner. Between the own accounts nothing comes or leaves. */
function typeOf(own: OwnSlots): RawBuilder<unknown> {
  return sql`case ${cases("kind", typesOfKinds)}
    when is_debit and credit_slot is not distinct from ${own.inOrders}::bigint then 'hold'
    when is_debit and ${isOwn("credit_slot", own)} then 'hold_release'
    when reverts_at_us is not null then 'reversal'
    ${cases("code", typesOfCodes)} else 'transfer' end`;
}

function isOwn(side: string, { available, inOrders }: OwnSlots): RawBuilder<unknown> {
  return sql`(${sql.ref(side)} is not distinct from ${available}::bigint
    or ${sql.ref(side)} is not distinct from ${inOrders}::bigint)`;
}

function cases(column: string, types: Readonly<Record<number, EntryType>>): RawBuilder<unknown> {
  const all = Object.entries(types).map(([value, type]) => {
    return `when ${column} = ${value} then '${type}'`;
  });
  return sql.raw(all.join(" "));
}

/** What ends a hold shows what the hold was for, unless it says something itself. */
const reference = sql`coalesce(
  (select reference from transfer_reference shown where shown.at_us = seen.at_us),
  (select reference from transfer_reference shown where shown.at_us = seen.pending_at_us), '')`;

function isFiltered({ types = [], reference: wanted = "" }: EntrySearch): boolean {
  return types.length > 0 || wanted !== "";
}

function fits({ types = [], reference: wanted = "" }: EntrySearch): RawBuilder<unknown> {
  const isOfType = types.length === 0 ? sql`true` : sql`type = any (${[...types]}::text[])`;
  return wanted === "" ? isOfType : sql`${isOfType} and reference = ${wanted}`;
}
