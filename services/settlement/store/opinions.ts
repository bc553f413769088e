import { sql } from "kysely";
import type { Tx } from "./tables.ts";

/** What an administrator says of a payout. */
export type Opinion = {
  readonly payoutId: string;
  readonly personId: string;
  /** That of the payout which was seen: what is said of another one does not count. */
  readonly version: number;
  readonly opinion: "APPROVE" | "PAID" | "NOT_PAID";
  readonly bankReference: string;
  readonly reason: string;
};

/** Keeps an opinion in the place of the person's last one; false when it is the same again. */
export async function keepOpinion(tx: Tx, said: Opinion): Promise<boolean> {
  const { payoutId, personId, version, opinion, bankReference, reason } = said;
  const { numAffectedRows } = await sql`
    insert into payout_opinion as o
      (payout_id, person_id, version, opinion, bank_reference, reason)
    values (${payoutId}, ${personId}, ${version}, ${opinion}, ${bankReference}, ${reason})
    on conflict (payout_id, person_id) do update set version = excluded.version,
      opinion = excluded.opinion, bank_reference = excluded.bank_reference,
      reason = excluded.reason, at = now()
    where (o.version, o.opinion, o.bank_reference)
      <> (excluded.version, excluded.opinion, excluded.bank_reference)`.execute(tx);
  return numAffectedRows === 1n;
}

/** How many administrators say the same of the same version of a payout. */
export async function countOpinions(
  tx: Tx,
  { payoutId, version, opinion, bankReference }: Omit<Opinion, "personId" | "reason">,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from payout_opinion
    where payout_id = ${payoutId} and version = ${version} and opinion = ${opinion}
      and bank_reference = ${bankReference}`.execute(tx);
  return rows[0]!.count;
}
