import type { Connection } from "#mesh/database/connection.ts";
import { LEDGER_LEASE_MS } from "#mesh/limits.ts";

/** The right to write to a shard: the epoch says who holds it (WR-6). */
export type Fence = { readonly shard: number; readonly epoch: number };

/** Where the books of a shard stand. */
export type Shard = {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly lastAtUs: number;
};

/** A shard with what can be seen of its writer. */
export type Holding = Shard & {
  readonly owner: string;
  /**
   * Another one with every word of the writer. Whether it has passed tells nothing: the database's
   * clock may have jumped since.
   */
  readonly leaseUntilUs: number;
  /** Nobody has it: it was given free. */
  readonly isFree: boolean;
  /** The connection of the owner is there; unless it was replaced by one that we may not look at. */
  readonly isOwnerThere: boolean;
};

/** Reads where a shard stands and who holds it. */
export async function findHolding(connection: Connection, shard: number): Promise<Holding> {
  const [row] = await connection.query<HoldingRow>(
    `select epoch, last_seq, last_at_us, owner, lease_until_us,
        lease_until_us = 0 as is_free,
        exists (
          select from pg_stat_activity where pid = owner_pid
            and coalesce(${startedUs} = owner_started_us, true)
        ) as is_owner_there
      from ledger_shard where shard = $1`,
    [shard],
  );
  return {
    ...fromShardRow(row!),
    owner: row!.owner,
    leaseUntilUs: row!.lease_until_us,
    isFree: row!.is_free,
    isOwnerThere: row!.is_owner_there,
  };
}

/** Absent for those who may not know when a connection of others began. */
const startedUs = "(extract(epoch from backend_start) * 1000000)::bigint";

type ShardRow = { epoch: number; last_seq: number; last_at_us: number };

type HoldingRow = ShardRow & {
  owner: string;
  lease_until_us: number;
  is_free: boolean;
  is_owner_there: boolean;
};

const fromShardRow = (row: ShardRow): Shard => {
  return { epoch: row.epoch, lastSeq: row.last_seq, lastAtUs: row.last_at_us };
};

/** Who takes which shard over. */
export type Taking = {
  readonly shard: number;
  /** A name that no other writer ever has. */
  readonly owner: string;
  /**
   * Whether it is taken as it was seen, if nothing has been heard of its writer since; only taken
   * back from ourselves; or taken whoever has it.
   */
  readonly from: Holding | "ourselves" | "anybody";
};

/**
 * Takes the shard over: whoever held it before can commit no more. Undefined when it was somebody
 * else's. One whose answer was lost is taken again. Tells the database's time in microseconds.
 */
export async function takeShard(
  connection: Connection,
  { shard, owner, from }: Taking,
): Promise<(Shard & { readonly nowUs: number }) | undefined> {
  const seen = typeof from === "string" ? undefined : from;
  const [row] = await connection.query<ShardRow & { now_us: number }>(
    `update ledger_shard set epoch = epoch + 1, owner = $2, owner_pid = pg_backend_pid(),
        owner_started_us = (
          select ${startedUs} from pg_stat_activity where pid = pg_backend_pid()
        ),
        lease_until_us = ledger_now_us() + $3
      where shard = $1 and (owner = $2 or $4 or (epoch = $5 and lease_until_us = $6))
      returning epoch, last_seq, last_at_us, ledger_now_us() as now_us`,
    [shard, owner, LEASE_US, from === "anybody", seen?.epoch, seen?.leaseUntilUs],
  );
  return row && { ...fromShardRow(row), nowUs: row.now_us };
}

const LEASE_US = LEDGER_LEASE_MS * 1000;

/**
 * Says that the writer lives; returns the database's time in microseconds since 1970, undefined
 * when the shard is another's.
 */
export async function renewShard(
  connection: Connection,
  { shard, epoch }: Fence,
): Promise<number | undefined> {
  const [row] = await connection.query<{ now_us: number }>(
    `update ledger_shard set lease_until_us = ledger_now_us() + $3
      where shard = $1 and epoch = $2 returning ledger_now_us() as now_us`,
    [shard, epoch, LEASE_US],
  );
  return row?.now_us;
}

/** Gives the shard to whoever wants it, if it is ours. */
export async function freeShard(connection: Connection, { shard, epoch }: Fence): Promise<void> {
  await connection.query(
    "update ledger_shard set lease_until_us = 0 where shard = $1 and epoch = $2",
    [shard, epoch],
  );
}

/** The number of the last transfer that the shard has, 0 when it has none. */
export async function findLastSeq(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ seq: number }>(
    "select seq from transfer order by at_us desc limit 1",
  );
  return row?.seq ?? 0;
}
