import { shardRow } from "#mesh/database/shard-row.ts";

/** How far a shard of the exchange is: its journal, and the rows of what that has led to. */
export type ShardState = {
  readonly lastBatch: number;
  /** The number of the last command of the journal. */
  readonly lastSeq: number;
  /** The time of the last batch, in milliseconds since 1970. */
  readonly lastAtMs: number;
  /** The last batch whose orders, trades and releases are stored. */
  readonly resultsBatch: number;
};

/** Who writes to a shard, and how far it is (X3). */
export const engineShard = shardRow<Row, ShardState>({
  table: "engine_shard",
  nowUs: "engine_now_us()",
  columns: [
    "last_batch",
    "last_seq",
    "last_at_ms",
    `(select batch from engine_progress where engine_progress.shard = engine_shard.shard)
      as results_batch`,
  ],
  read: (row) => ({
    lastBatch: row.last_batch,
    lastSeq: row.last_seq,
    lastAtMs: row.last_at_ms,
    resultsBatch: row.results_batch,
  }),
});

type Row = { last_batch: number; last_seq: number; last_at_ms: number; results_batch: number };
