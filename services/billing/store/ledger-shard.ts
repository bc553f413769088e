import type { Connection } from "#mesh/database/connection.ts";

/** The right to write to a shard: the epoch says who holds it (WR-6). */
export type Fence = { readonly shard: number; readonly epoch: number };

/** Where the books of a shard stand. */
export type Shard = {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly lastAtUs: number;
};

/**
 * Takes the shard over: whoever held it before can commit no more. With a fence of our own the
 * shard is only taken back while nobody else has taken it; undefined means that somebody has.
 */
export async function takeShard(
  connection: Connection,
  { shard, owner, held }: { readonly shard: number; readonly owner: string; readonly held?: Fence },
): Promise<Shard | undefined> {
  const [row] = await connection.query<{ epoch: number; last_seq: number; last_at_us: number }>(
    `update ledger_shard set epoch = epoch + 1, owner = $2
      where shard = $1 and epoch = coalesce($3, epoch)
      returning epoch, last_seq, last_at_us`,
    [shard, owner, held?.epoch ?? null],
  );
  return row && { epoch: row.epoch, lastSeq: row.last_seq, lastAtUs: row.last_at_us };
}

/** The number of the last transfer that the shard has, 0 when it has none. */
export async function findLastSeq(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ seq: number }>(
    "select coalesce(max(seq), 0) as seq from transfer",
  );
  return row!.seq;
}

/** The database's time, in microseconds since 1970 (L16). */
export async function findNowUs(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ now_us: number }>("select ledger_now_us() as now_us");
  return row!.now_us;
}
