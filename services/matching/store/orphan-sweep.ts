import { sql } from "kysely";
import type { Queries } from "./tables.ts";

/** From where to look for orphans after the shard was taken over. */
export type LookBack = {
  readonly epoch: number;
  /** How far before where the epochs before had come to. */
  readonly lookBackMs: number;
  /** From here when there was nothing before, less the same time. */
  readonly nowMs: number;
};

/**
 * From when on the holds on the ledger have to be compared, in milliseconds since 1970: from where
 * that had come to or the last batch, whichever is earlier, and some time before that.
 */
export async function findSweepStart(
  db: Queries,
  shard: number,
  { epoch, lookBackMs, nowMs }: LookBack,
): Promise<number> {
  const { rows } = await sql<{ fromMs: number }>`
    select least(
      coalesce(
        (select until_ms from orphan_sweep where shard = ${shard}),
        (select at_ms from journal where shard = ${shard} order by batch limit 1)
      ),
      (select at_ms from journal where shard = ${shard} and epoch < ${epoch}
        order by batch desc limit 1),
      ${nowMs}::bigint
    ) - ${lookBackMs} as "fromMs"`.execute(db);
  return rows[0]!.fromMs;
}

/** Notes up to where holds were compared, in milliseconds since 1970. */
export async function saveSweep(db: Queries, shard: number, untilMs: number): Promise<void> {
  await sql`
    insert into orphan_sweep (shard, until_ms) values (${shard}, ${Math.floor(untilMs)})
    on conflict (shard) do update set until_ms = excluded.until_ms`.execute(db);
}
