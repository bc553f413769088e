import { type RawBuilder, sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { ChunkSums } from "../domain/chunk-differences.ts";
import type { ChargeState } from "../domain/message.ts";
import { acceptedAtMs, firstIdAt } from "../domain/message-id.ts";
import type { Tables } from "./tables.ts";

/** A stretch of ids; the first is in it, the last is not. */
type Range = { readonly fromId: string; readonly beforeId: string };

/** Sums up the newest chunks of a range, with the messages as they are at that same moment. */
export async function sumNewestChunks(
  db: Database<Tables>,
  { fromId, beforeId }: Range,
  most: number,
): Promise<ChunkSums[]> {
  const which = sql`id >= ${fromId}::uuid and id < ${beforeId}::uuid`;
  return sum(db, sql`${which} order by id desc limit ${most}`, { fromId, beforeId });
}

/** Sums up certain chunks. */
export async function sumChunks(
  db: Database<Tables>,
  ids: readonly string[],
): Promise<ChunkSums[]> {
  const [fromId, beforeId] = [ids.toSorted()[0], ids.toSorted().at(-1)];
  if (fromId === undefined || beforeId === undefined) return [];
  return sum(db, sql`id = any (${ids}::uuid[])`, { fromId, beforeId });
}

/** How late the task is that waits longest, in milliseconds of the database; 0 if none is. */
export async function longestDelayMs(db: Pick<Database<Tables>, "sql">): Promise<number> {
  // The least of each stage is one look at the index; the least of all would be the whole table.
  const { rows } = await sql<{ late: number }>`
    select greatest(0, coalesce(extract(epoch from now() - min(first.due_at))::float8, 0)) as late
    from unnest(enum_range(null::task_stage)) as one (stage)
    cross join lateral (
      select due_at from task where task.stage = one.stage order by due_at limit 1) as first`.execute(
    db.sql,
  );
  return rows[0]!.late * 1000;
}

/** The time of the database, in milliseconds since 1970 (L16). */
export async function databaseNowMs(db: Database<Tables>): Promise<number> {
  const { rows } = await sql<{ now: number }>`
    select extract(epoch from now())::float8 * 1000 as now`.execute(db.sql);
  return rows[0]!.now;
}

async function sum(
  db: Database<Tables>,
  which: RawBuilder<unknown>,
  { fromId, beforeId }: Range,
): Promise<ChunkSums[]> {
  // Messages of a chunk are made with it, but not in the same instant.
  const first = firstIdAt(acceptedAtMs(fromId) - MINUTE_MS);
  const last = firstIdAt(acceptedAtMs(beforeId) + MINUTE_MS);
  const { rows } = await sql<Row>`
    with picked as materialized (
      select id, account_id, charge, open_count, open_amount, message_ids from chunk where ${which}
    ), found as (
      select picked.id, count(m.id) as found_count, coalesce(sum(m.price), 0) as total,
        count(*) filter (where m.charge = 'RESERVED') as reserved_count,
        coalesce(sum(m.price) filter (where m.charge = 'RESERVED'), 0) as reserved,
        count(*) filter (where m.charge in ('CAPTURED', 'REFUNDED')) as captured_count,
        coalesce(sum(m.price) filter (where m.charge in ('CAPTURED', 'REFUNDED')), 0) as captured,
        array_agg(m.id || ' ' || m.price) filter (where m.charge = 'REFUNDED' and m.price > 0)
          as refunds
      from picked cross join unnest(picked.message_ids) as one (id)
      left join message as m on m.id = one.id and m.id between ${first} and ${last}
      group by picked.id
    )
    select picked.id, account_id, picked.charge, open_count, open_amount,
      cardinality(message_ids) as message_count, found.*,
      id in (select hold_id from ledger_step) or id in (select hold_id from refused_step)
        as is_untold
    from picked join found using (id) order by picked.id desc`.execute(db.sql);
  return rows.map(toSums);
}

const MINUTE_MS = 60_000;

type Row = {
  readonly id: string;
  readonly account_id: string;
  readonly charge: ChargeState;
  readonly open_count: number;
  readonly open_amount: number;
  readonly message_count: number;
  readonly found_count: number;
  readonly total: bigint;
  readonly reserved_count: number;
  readonly reserved: bigint;
  readonly captured_count: number;
  readonly captured: bigint;
  readonly refunds: readonly string[] | null;
  readonly is_untold: boolean;
};

function toSums(row: Row): ChunkSums {
  const refunds = (row.refunds ?? []).map((text) => {
    const [messageId = "", price = "0"] = text.split(" ");
    return { messageId, price: BigInt(price) };
  });
  return {
    chunkId: row.id,
    accountId: row.account_id,
    charge: row.charge,
    openCount: row.open_count,
    openAmount: BigInt(row.open_amount),
    messageCount: row.message_count,
    foundCount: row.found_count,
    total: row.total,
    reservedCount: row.reserved_count,
    reserved: row.reserved,
    capturedCount: row.captured_count,
    captured: row.captured,
    refunds,
    isUntold: row.is_untold,
  };
}
