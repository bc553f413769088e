import type { Connection } from "#mesh/database/connection.ts";

/** The right to write to a shard: the epoch says who holds it (WR-6). */
export type Fence = { readonly shard: number; readonly epoch: number };

/** Where the books of a shard stand. */
export type Shard = {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly lastAtUs: number;
};

/** Who takes which shard over. */
export type Taking = {
  readonly shard: number;
  /** A name that no other writer ever has. */
  readonly owner: string;
  /** Only take it back: we held it, and may have lost it since. */
  readonly isBack: boolean;
};

/**
 * Takes the shard over: whoever held it before can commit no more. Undefined when it was only to be
 * taken back, and somebody else has taken it. One whose answer was lost is taken back again.
 */
export async function takeShard(
  connection: Connection,
  { shard, owner, isBack }: Taking,
): Promise<Shard | undefined> {
  const [row] = await connection.query<{ epoch: number; last_seq: number; last_at_us: number }>(
    `update ledger_shard set epoch = epoch + 1, owner = $2
      where shard = $1 and (owner = $2 or not $3)
      returning epoch, last_seq, last_at_us`,
    [shard, owner, isBack],
  );
  return row && { epoch: row.epoch, lastSeq: row.last_seq, lastAtUs: row.last_at_us };
}

/** The number of the last transfer that the shard has, 0 when it has none. */
export async function findLastSeq(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ seq: number }>(
    "select seq from transfer order by at_us desc limit 1",
  );
  return row?.seq ?? 0;
}

/** The database's time, in microseconds since 1970 (L16). */
export async function findNowUs(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ now_us: number }>("select ledger_now_us() as now_us");
  return row!.now_us;
}
