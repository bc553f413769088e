import { type QueryExecutorProvider, sql } from "kysely";
import type { Chain, ChainHead } from "../domain/chain.ts";
import type { Stretch } from "./stretch.ts";

/** A head to sign, and the database's time in microseconds since 1970. */
export type ToSign = Pick<Chain, "seq" | "hash"> & { readonly nowUs: number };

/** Finds the end of what is sealed, unless it is signed already. */
export async function findUnsigned(
  tx: QueryExecutorProvider,
  shard: number,
): Promise<ToSign | undefined> {
  const found = await sql<{ seq: number; hash: string; now_us: number }>`
    select last_seq as seq, encode(hash, 'hex') as hash, ledger_now_us() as now_us
      from (select * from seal where shard = ${shard} order by first_seq desc limit 1) newest
      where not exists (
        select from chain_head head where head.shard = ${shard} and head.seq >= newest.last_seq
      )`.execute(tx);
  const [row] = found.rows;
  return row && { seq: row.seq, hash: row.hash, nowUs: row.now_us };
}

/** Stores a signed head; false when it has been signed meanwhile. */
export async function insertHead(tx: QueryExecutorProvider, head: ChainHead): Promise<boolean> {
  const { shard, seq, hash, keyId, signature, signedAtUs } = head;
  const stored = await sql`
    insert into chain_head (shard, seq, hash, key_id, signature, signed_at_us)
    values (${shard}, ${seq}, decode(${hash}, 'hex'), ${keyId}, ${Buffer.from(signature)},
      ${signedAtUs})
    on conflict do nothing`.execute(tx);
  return stored.numAffectedRows === 1n;
}

/** Lists the heads of a shard that were signed before a time, newest first. */
export async function listHeads(
  db: QueryExecutorProvider,
  shard: number,
  { beforeUs, limit }: Stretch,
): Promise<ChainHead[]> {
  const found = await sql<HeadRow>`
    select ${sql.raw(headColumns)} from chain_head
      where shard = ${shard} and signed_at_us < ${beforeUs}
      order by signed_at_us desc limit ${limit}`.execute(db);
  return found.rows.map(fromHeadRow);
}

/** What a row of a head has. */
export type HeadRow = {
  shard: number;
  seq: number;
  hash: string;
  key_id: string;
  signature: Uint8Array;
  signed_at_us: number;
};

/** Selects rows of heads. */
export const headColumns =
  "shard, seq, encode(hash, 'hex') as hash, key_id, signature, signed_at_us";

/** Reads a head of the store. */
export function fromHeadRow(row: HeadRow): ChainHead {
  return {
    shard: row.shard,
    seq: row.seq,
    hash: row.hash,
    keyId: row.key_id,
    signature: new Uint8Array(row.signature),
    signedAtUs: row.signed_at_us,
  };
}
