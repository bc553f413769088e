import assert from "node:assert/strict";
import { openConnection } from "#mesh/database/connection.ts";
import { accountIds, AMOUNT_MINOR, FUNDS_MINOR } from "./chart.ts";

/**
 * Throws unless ledger and baseline have exactly as many transfers as were acknowledged, and debits
 * equal credits to the unit.
 */
export async function verify(url: string, ledger: number, rowLock: number): Promise<void> {
  await using connection = await openConnection({ url, name: "bench" });
  const [ours] = await connection.query<Sums>(
    `select (select count(*) from transfer) as transfers, sum(debits_posted) as debits,
        sum(credits_posted) as credits, sum(debits_pending + credits_pending) as held,
        (select sum(amount) from transfer where kind in (1, 3)) as moved
      from account`,
  );
  const { moved } = ours!;
  assert.deepEqual(ours, { transfers: ledger, debits: moved, credits: moved, held: 0n, moved });
  const [theirs] = await connection.query<Sums>(
    `select (select count(*) from row_lock.transfer) as transfers, sum(debits) as debits,
        sum(credits) as credits, (select sum(amount) from row_lock.transfer) as moved
      from row_lock.account`,
  );
  const spent = BigInt(rowLock) * AMOUNT_MINOR;
  const given = BigInt(accountIds.length + 1) * FUNDS_MINOR;
  const expected = { transfers: rowLock, debits: spent, credits: given + spent, moved: spent };
  assert.deepEqual(theirs, expected);
}

type Sums = { transfers: number; debits: bigint; credits: bigint; moved: bigint };
