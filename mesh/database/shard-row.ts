import type { Connection } from "./connection.ts";
import { SHARD_LEASE_MS } from "../limits.ts";

/** The right to write to a shard: the epoch says who holds it (WR-6, X3). */
export type Fence = { readonly shard: number; readonly epoch: number };

/** A shard with what can be seen of its writer; `S` is how far it is. */
export type Holding<S> = S & {
  readonly epoch: number;
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

/** Who takes which shard over. */
export type Taking = {
  readonly shard: number;
  /** A name that no other writer ever has. */
  readonly owner: string;
  /**
   * Whether it is taken as it was seen, if nothing has been heard of its writer since; only taken
   * back from ourselves; or taken whoever has it.
   */
  readonly from: Seen | "ourselves" | "anybody";
};

type Seen = { readonly epoch: number; readonly leaseUntilUs: number };

/** A shard that is ours now, and the database's time in microseconds since 1970. */
export type Taken<S> = S & { readonly epoch: number; readonly nowUs: number };

/** What is done with the row that says who writes to a shard. */
export type ShardRow<S> = {
  /** Reads where a shard stands and who holds it. */
  readonly find: (connection: Connection, shard: number) => Promise<Holding<S>>;
  /**
   * Takes the shard over: whoever held it before can commit no more. Undefined when it was somebody
   * else's. One whose answer was lost is taken again.
   */
  readonly take: (connection: Connection, taking: Taking) => Promise<Taken<S> | undefined>;
  /**
   * Says that the writer lives; returns the database's time in microseconds since 1970, undefined
   * when the shard is another's.
   */
  readonly renew: (connection: Connection, fence: Fence) => Promise<number | undefined>;
  /** Gives the shard to whoever wants it, if it is ours. */
  readonly free: (connection: Connection, fence: Fence) => Promise<void>;
};

/** Which table has the rows, what tells its time, and what else it says of a shard. */
export type ShardTable<R, S> = {
  readonly table: string;
  /** A call that gives microseconds since 1970. */
  readonly nowUs: string;
  /** Columns, or expressions with a name, that `read` finds in the row. */
  readonly columns: readonly string[];
  readonly read: (row: R) => S;
};

/** The shards of a table, which has the columns of `ledger_shard` and `engine_shard`. */
export function shardRow<R extends object, S>(of: ShardTable<R, S>): ShardRow<S> {
  const { table, nowUs, read } = of;
  const columns = ["epoch", ...of.columns].join(", ");
  const lives = `lease_until_us = ${nowUs} + ${SHARD_LEASE_MS * 1000}`;
  return {
    async find(connection, shard) {
      const [row] = await connection.query<R & HoldingRow>(
        `select ${columns}, owner, lease_until_us, lease_until_us = 0 as is_free, exists (
            select from pg_stat_activity where pid = owner_pid
              and coalesce(${startedUs} = owner_started_us, true)
          ) as is_owner_there
          from ${table} where shard = $1`,
        [shard],
      );
      const { epoch, owner, lease_until_us: leaseUntilUs } = row!;
      const seen = { isFree: row!.is_free, isOwnerThere: row!.is_owner_there };
      return { ...read(row!), epoch, owner, leaseUntilUs, ...seen };
    },
    async take(connection, { shard, owner, from }) {
      const seen = typeof from === "string" ? undefined : from;
      const [row] = await connection.query<R & { epoch: number; now_us: number }>(
        `update ${table} set epoch = epoch + 1, owner = $2, owner_pid = pg_backend_pid(),
            owner_started_us = (
              select ${startedUs} from pg_stat_activity where pid = pg_backend_pid()
            ), ${lives}
          where shard = $1 and (owner = $2 or $3 or (epoch = $4 and lease_until_us = $5))
          returning ${columns}, ${nowUs} as now_us`,
        [shard, owner, from === "anybody", seen?.epoch, seen?.leaseUntilUs],
      );
      return row && { ...read(row), epoch: row.epoch, nowUs: row.now_us };
    },
    async renew(connection, { shard, epoch }) {
      const [row] = await connection.query<{ now_us: number }>(
        `update ${table} set ${lives} where shard = $1 and epoch = $2 returning ${nowUs} as now_us`,
        [shard, epoch],
      );
      return row?.now_us;
    },
    async free(connection, { shard, epoch }) {
      const given = `update ${table} set lease_until_us = 0 where shard = $1 and epoch = $2`;
      await connection.query(given, [shard, epoch]);
    },
  };
}

/** Absent for those who may not know when a connection of others began. */
const startedUs = "(extract(epoch from backend_start) * 1000000)::bigint";

type HoldingRow = {
  epoch: number;
  owner: string;
  lease_until_us: number;
  is_free: boolean;
  is_owner_there: boolean;
};
