import type { Connection } from "#mesh/database/connection.ts";

/** What an account of the debit-normal kind had once. */
export type BalanceAt = {
  readonly slot: number;
  /** What was debited less what was credited, in minor units. */
  readonly amountMinor: bigint;
};

/** Finds what an account had after a transfer; undefined when there is no such account. */
export async function findBalanceAt(
  connection: Connection,
  accountId: string,
  asOfSeq: number,
): Promise<BalanceAt | undefined> {
  const [balance] = await connection.query<BalanceAt>(
    `with moment as (
      select at_us from ledger_commit where last_seq >= $2 order by last_seq limit 1
    )
    select slot, coalesce(debit.posted, 0) - coalesce(credit.posted, 0) as "amountMinor"
      from account
      left join lateral (
        select debit_posted_after as posted from transfer
          where debit_slot = slot and at_us <= (select at_us from moment) and seq <= $2
          order by at_us desc limit 1
      ) debit on true
      left join lateral (
        select credit_posted_after as posted from transfer
          where credit_slot = slot and at_us <= (select at_us from moment) and seq <= $2
          order by at_us desc limit 1
      ) credit on true
      where id = $1`,
    [accountId, asOfSeq],
  );
  return balance;
}
