import type { Connection } from "#mesh/database/connection.ts";

/** How many ids there are, and a sum over them and their times that does not ask for an order. */
export type IdSum = { readonly count: number; readonly sum: bigint };

/** Of each id the time is in the sum too; 64 bits of hash keep apart all that is not made to meet. */
const idSum = "count(*) as count, coalesce(sum(uuid_hash_extended(id, at_us)), 0) as sum";

/** Sums up the ids of the transfers after one time up to another. */
export async function sumTransferIds(
  connection: Connection,
  afterUs: number,
  untilUs: number,
): Promise<IdSum> {
  const [row] = await connection.query<IdSum>(
    `select ${idSum} from transfer where at_us > $1 and at_us <= $2`,
    [afterUs, untilUs],
  );
  return row!;
}

/** A part of the table of ids, by the blocks of its file. */
export type Blocks = { readonly from: number; readonly to: number };

/** How many blocks the table of ids has. */
export async function countIdBlocks(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ blocks: number }>(
    `select pg_relation_size('transfer_id') / current_setting('block_size')::bigint as blocks`,
  );
  return row!.blocks;
}

/** Sums up the ids of some blocks that are known to be used by a time. */
export async function sumUsedIds(
  connection: Connection,
  { from, to }: Blocks,
  untilUs: number,
): Promise<IdSum> {
  const [row] = await connection.query<IdSum>(
    `select ${idSum} from transfer_id
      where ctid >= $1::tid and ctid < $2::tid and at_us <= $3`,
    [`(${from},0)`, `(${to},0)`, untilUs],
  );
  return row!;
}

/** A transfer and its id where the two tables do not agree. */
export type OddId = {
  /** 0 when there is no such transfer. */
  readonly seq: number;
  readonly slot: number;
  /** The id of the transfer, with its time; empty when there is no such transfer. */
  readonly transfer: string;
  /** What the table of ids has; empty when it has nothing. */
  readonly id: string;
};

/** Finds the transfers of some time whose ids are not known, or as those of another time. */
export async function findUnknownIds(
  connection: Connection,
  afterUs: number,
  untilUs: number,
): Promise<OddId[]> {
  return connection.query<OddId>(
    `select t.seq, t.debit_slot as slot, concat(t.id, ' ', t.at_us) as transfer,
        case when i.id is null then '' else concat(i.id, ' ', i.at_us) end as id
      from transfer t left join transfer_id i on i.id = t.id
      where t.at_us > $1 and t.at_us <= $2 and i.at_us is distinct from t.at_us
      order by t.at_us`,
    [afterUs, untilUs],
  );
}

/** Finds the ids of some blocks that no transfer of their time has. */
export async function findIdleIds(
  connection: Connection,
  { from, to }: Blocks,
  untilUs: number,
): Promise<OddId[]> {
  return connection.query<OddId>(
    `select 0 as seq, 0 as slot, '' as transfer, concat(i.id, ' ', i.at_us) as id
      from transfer_id i
      where i.ctid >= $1::tid and i.ctid < $2::tid and i.at_us <= $3
        and not exists (select from transfer t where t.at_us = i.at_us and t.id = i.id)`,
    [`(${from},0)`, `(${to},0)`, untilUs],
  );
}
