import type { Connection } from "#mesh/database/connection.ts";
import { shardRow } from "#mesh/database/shard-row.ts";

/** Where the books of a shard stand. */
export type Shard = { readonly lastSeq: number; readonly lastAtUs: number };

/** Who writes to a shard, and how far it is. */
export const ledgerShard = shardRow<{ last_seq: number; last_at_us: number }, Shard>({
  table: "ledger_shard",
  nowUs: "ledger_now_us()",
  columns: ["last_seq", "last_at_us"],
  read: (row) => ({ lastSeq: row.last_seq, lastAtUs: row.last_at_us }),
});

/** The number of the last transfer that the shard has, 0 when it has none. */
export async function findLastSeq(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ seq: number }>(
    "select seq from transfer order by at_us desc limit 1",
  );
  return row?.seq ?? 0;
}
