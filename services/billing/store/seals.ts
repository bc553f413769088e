import type { Connection } from "#mesh/database/connection.ts";
import { READ_CHUNK_ROWS } from "#mesh/limits.ts";
import type { Chain, ChainHead, Seal } from "../domain/chain.ts";
import { type HeadRow, fromHeadRow, headColumns } from "./chain-heads.ts";

/** Finds the end of what is sealed; undefined when nothing is. */
export async function findLastSeal(
  connection: Connection,
  shard: number,
): Promise<Chain | undefined> {
  const [chain] = await connection.query<Chain>(
    `select ${chainColumns} from seal where shard = $1 order by first_seq desc limit 1`,
    [shard],
  );
  return chain;
}

/** Reads seals that begin after a transfer, in their order; about as much as ten full ones. */
export async function readSeals(
  connection: Connection,
  shard: number,
  { afterSeq, limit }: { readonly afterSeq: number; readonly limit: number },
): Promise<Seal[]> {
  return connection.query<Seal>(
    `select ${chainColumns}, first_seq as "firstSeq", encode(checks, 'hex') as checks from seal
      where shard = $1 and first_seq > $2 and first_seq <= $3 order by first_seq limit $4`,
    [shard, afterSeq, afterSeq + 10 * READ_CHUNK_ROWS, limit],
  );
}

/**
 * Stores a seal after its predecessor, in which the chain was as given. False when it is not, since
 * somebody else has sealed meanwhile.
 */
export async function insertSeal(
  connection: Connection,
  shard: number,
  before: Chain,
  { seq, atUs, slot, hash, checks }: Omit<Seal, "firstSeq">,
): Promise<boolean> {
  const rows = await connection.query(
    `insert into seal (shard, first_seq, last_seq, last_at_us, last_slot, hash, checks)
      select $1::int, $2::bigint + 1, $3, $4, $5, decode($6, 'hex'), decode($7, 'hex')
      where coalesce(
        (select last_seq = $2 and hash = decode($8, 'hex') from seal
          where shard = $1 order by first_seq desc limit 1),
        $2 = 0)
      on conflict do nothing returning 1`,
    [shard, before.seq, seq, atUs, slot, hash, checks, before.hash],
  );
  return rows.length === 1;
}

/** The number of the last transfer that is committed. */
export async function findCommittedSeq(connection: Connection, shard: number): Promise<number> {
  const [row] = await connection.query<{ last_seq: number }>(
    "select last_seq from ledger_shard where shard = $1",
    [shard],
  );
  return row?.last_seq ?? 0;
}

/** Where signed heads are: with the ledger, or in core's database, which keeps them as well. */
export type HeadTable = "chain_head" | "ledger_head";

/** Reads the signed heads of a shard after a transfer, in their order. */
export async function readHeads(
  connection: Connection,
  table: HeadTable,
  { shard, afterSeq, limit }: { readonly shard: number; afterSeq: number; limit: number },
): Promise<ChainHead[]> {
  const rows = await connection.query<HeadRow>(
    `select ${headColumns} from ${table} where shard = $1 and seq > $2 order by seq limit $3`,
    [shard, afterSeq, limit],
  );
  return rows.map(fromHeadRow);
}

/** The newest signed head of a shard, if there is any. */
export async function findNewestHead(
  connection: Connection,
  table: HeadTable,
  shard: number,
): Promise<ChainHead | undefined> {
  const [row] = await connection.query<HeadRow>(
    `select ${headColumns} from ${table} where shard = $1 order by seq desc limit 1`,
    [shard],
  );
  return row && fromHeadRow(row);
}

const chainColumns = `last_seq as seq, last_at_us as "atUs", last_slot as slot,
  encode(hash, 'hex') as hash`;
