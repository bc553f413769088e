import { sql } from "kysely";
import type { Opinion } from "../domain/payout.ts";
import type { Queries, Tx } from "./tables.ts";

/** An opinion, and when it was given, in epoch milliseconds. */
export type KeptOpinion = Opinion & { readonly atMs: number };

/** Keeps an opinion in the place of the person's last one; false when it is the same again. */
export async function keepOpinion(tx: Tx, said: Opinion): Promise<boolean> {
  const { payoutId, personId, version, opinion, bankReference, reason } = said;
  const { numAffectedRows } = await sql`
    insert into payout_opinion as o
      (payout_id, person_id, version, opinion, bank_reference, reason)
    values (${payoutId}, ${personId}, ${version}, ${opinion}, ${bankReference}, ${reason})
    on conflict (payout_id, person_id, version) do update set opinion = excluded.opinion,
      bank_reference = excluded.bank_reference, reason = excluded.reason, at = now()
    where (o.opinion, o.bank_reference) <> (excluded.opinion, excluded.bank_reference)`.execute(tx);
  return numAffectedRows === 1n;
}

/** What administrators have said of payouts, of all their versions, the first word first. */
export async function findOpinions(db: Queries, payoutIds: readonly string[]) {
  if (payoutIds.length === 0) return [];
  const { rows } = await sql<KeptOpinion>`
    select payout_id as "payoutId", person_id as "personId", version, opinion,
      bank_reference as "bankReference", reason,
      floor(extract(epoch from at) * 1000)::float8 as "atMs"
    from payout_opinion where payout_id = any(${payoutIds}::uuid[])
    order by at, person_id`.execute(db);
  return rows;
}
