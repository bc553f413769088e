import { sql } from "kysely";
import { expect, test } from "vitest";
import { transaction } from "#mesh/database/transaction.ts";
import { askedFor, testSettlement } from "../testing/test-settlement.ts";
import { sumPaid } from "./paid-sums.ts";

test("what a merchant was paid is summed up out of the index alone", async () => {
  await using world = await testSettlement();
  const { settlement, create, bank } = world;
  const { db } = settlement;
  const asked = askedFor();
  const { merchantId, accountId } = asked;
  await create(asked, askedFor({ merchantId, accountId, irr: "2.00" }));
  bank.control.usual = "REJECT_PAYOUT";
  await create(askedFor({ merchantId, accountId }));
  await sql`vacuum payout`.execute(db.sql);
  const count = async () => {
    const { rows } = await sql<{ read: number; fetched: number }>`
      select idx_tup_read::float8 as read, idx_tup_fetch::float8 as fetched
      from pg_stat_user_indexes where indexrelname = 'payout_merchant'`.execute(db.sql);
    return rows[0]!;
  };
  const before = await count();
  const sums = await transaction(db, async (tx) => {
    await sql`set local enable_seqscan = off`.execute(tx); // the table is too small for an index
    await sql`set local enable_bitmapscan = off`.execute(tx);
    const found = await sumPaid(tx, [merchantId]);
    await sql`select pg_stat_force_next_flush()`.execute(tx);
    return found;
  });
  expect(sums).toEqual(new Map([[merchantId, { dayMinor: 300n, monthMinor: 300n }]]));
  const after = await count();
  expect(after.read).toBeGreaterThan(before.read);
  expect(after.fetched).toBe(before.fetched);
});
