import { sql } from "kysely";
import type { LedgerHead } from "../domain/ledger-head.ts";
import type { Queries } from "./tables.ts";

/** Keeps a head; false when it is kept already. */
export async function insertLedgerHead(db: Queries, head: LedgerHead): Promise<boolean> {
  const { shard, seq, hash, keyId, signature, signedAtUs } = head;
  const kept = await sql`
    insert into ledger_head (shard, seq, hash, signed_at_us, key_id, signature)
    values (${shard}, ${seq}, decode(${hash}, 'hex'), ${signedAtUs}, ${keyId},
      ${Buffer.from(signature)})
    on conflict do nothing`.execute(db);
  return kept.numAffectedRows === 1n;
}

/**
 * Finds the number of a kept head that contradicts another one: it has another hash for the same
 * number, or was signed later for a lower number or earlier for a higher one.
 */
export async function findContradiction(
  db: Queries,
  { shard, seq, hash, signedAtUs }: LedgerHead,
): Promise<number | undefined> {
  const { rows } = await sql<{ seq: number }>`
    select seq from ledger_head
    where shard = ${shard} and (
      (seq = ${seq} and hash <> decode(${hash}, 'hex'))
      or (seq < ${seq} and signed_at_us > ${signedAtUs})
      or (seq > ${seq} and signed_at_us < ${signedAtUs}))
    order by seq limit 1`.execute(db);
  return rows[0]?.seq;
}
