import { type QueryExecutorProvider, sql } from "kysely";
import type { Proof, ProofLine } from "../domain/proof.ts";

/** Sums up the accounts of a ledger by their kinds, all at one moment. */
export async function findProof(
  db: QueryExecutorProvider,
  shard: number,
  ledger: number,
): Promise<Proof> {
  const found = await sql<ProofRow>`
    with line as (
      select code, count(*) as "accountCount",
          sum(debits_posted)::text as "debitsPosted", sum(credits_posted)::text as "creditsPosted",
          sum(debits_pending)::text as "debitsPending",
          sum(credits_pending)::text as "creditsPending"
        from account where ledger = ${ledger} group by code
    )
    select last_seq, last_at_us,
        coalesce((select json_agg(line order by code) from line), '[]') as lines
      from ledger_shard where shard = ${shard}`.execute(db);
  const { last_seq: asOfSeq, last_at_us: asOfUs, lines } = found.rows[0]!;
  return { ledger, lines: lines.map(fromLine), asOfSeq, asOfUs };
}

type Line = { [Name in keyof ProofLine]: ProofLine[Name] extends bigint ? string : number };
type ProofRow = { last_seq: number; last_at_us: number; lines: Line[] };

/** JSON has no numbers of that size, so that they come as texts. */
function fromLine({ code, accountCount, ...sums }: Line): ProofLine {
  return {
    code,
    accountCount,
    debitsPosted: BigInt(sums.debitsPosted),
    creditsPosted: BigInt(sums.creditsPosted),
    debitsPending: BigInt(sums.debitsPending),
    creditsPending: BigInt(sums.creditsPending),
  };
}
