import { sql } from "kysely";
import { expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import { PRUNE_BATCH_ROWS, WITHDRAWAL_KEYS_KEPT_MS } from "#mesh/limits.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { freeWithdrawalKeys } from "./free-withdrawal-keys.ts";

const { signal } = new AbortController();
const WEEK_MS = 7 * 24 * 3600 * 1000;

test("L14 A3 a key lives for a week at least, and asks for another withdrawal then", async () => {
  await using world = await testWithdrawals({ terms: { waitMs: 0 } });
  const { saga, settlement, merchant, withdraw } = world;
  const id = await merchant(1000n);
  const first = (await withdraw("1.00", callOf(id, { key: "k" }))).withdrawal!.id;
  await expect.poll(async () => (await world.find(first)).state).toBe("SUCCEEDED");
  await freeWithdrawalKeys(saga, signal, Date.now() + WEEK_MS);
  expect((await withdraw("1.00", callOf(id, { key: "k" }))).withdrawal!.id).toBe(first);
  settlement.script.outcome = () => "UNKNOWN";
  const open = (await withdraw("1.00", callOf(id, { key: "open" }))).withdrawal!.id;
  await expect.poll(async () => (await world.find(open)).state).toBe("SETTLING");
  const laterMs = Date.now() + WITHDRAWAL_KEYS_KEPT_MS + 1000;
  await freeWithdrawalKeys(saga, signal, laterMs);
  const again = (await withdraw("1.00", callOf(id, { key: "k" }))).withdrawal!.id;
  expect(again).not.toBe(first);
  // What has not ended keeps its key, however old it is.
  expect((await withdraw("1.00", callOf(id, { key: "open" }))).withdrawal!.id).toBe(open);
});

test("old keys are forgotten in bites, and never looked at again", async () => {
  await using world = await testWithdrawals();
  const { saga, db } = world;
  const ids = Array.from({ length: 2 * PRUNE_BATCH_ROWS + 5 }, () => newId());
  await sql`insert into withdrawal (id, merchant_id, amount, fee, bank_account, state,
      request_key, request_hash, created_at, updated_at)
    select id, gen_random_uuid(), 1, 0, '', 'SUCCEEDED', 'k', sha256(''), now(), now()
    from unnest(${ids}::uuid[]) as new (id)`.execute(db.sql);
  const keys = async () => {
    const { rows } = await sql<{ count: number }>`
      select count(request_key) as count from withdrawal`.execute(db.sql);
    return rows[0]!.count;
  };
  await freeWithdrawalKeys(saga, signal);
  expect(await keys()).toBe(2 * PRUNE_BATCH_ROWS + 5);
  await freeWithdrawalKeys(saga, signal, Date.now() + WITHDRAWAL_KEYS_KEPT_MS + 60_000);
  expect(await keys()).toBe(0);
  const { rows } = await sql<{ isLast: boolean }>`select up_to = (select id from withdrawal
    order by id desc limit 1) as "isLast" from withdrawal_keys_freed`.execute(db.sql);
  expect(rows).toEqual([{ isLast: true }]);
});
