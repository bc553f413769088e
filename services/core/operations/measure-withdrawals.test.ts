import { sql } from "kysely";
import { expect, test } from "vitest";
import { MAX_COUNTED_WITHDRAWALS } from "#mesh/limits.ts";
import { testWithdrawals } from "../testing/test-withdrawals.ts";
import { measureWithdrawals } from "./measure-withdrawals.ts";

test("it is measured how many are open, up to a bound, and how late the latest is", async () => {
  await using world = await testWithdrawals();
  const { db } = world.saga;
  const shown: Record<string, number> = {};
  const gauge = (name: string) => ({ set: (value: number) => void (shown[name] = value) });
  const metrics = { ...world.saga.metrics, gauge };
  const measured = async () => {
    await measureWithdrawals({ db, metrics });
    const lateMinutes = shown["mizan_withdrawals_late_seconds"]! / 60;
    return [shown["mizan_withdrawals_open"], Math.floor(lateMinutes)];
  };
  expect(await measured()).toEqual([0, 0]);
  const insert = async (count: number, due: string | null) =>
    sql`insert into withdrawal (id, merchant_id, amount, fee, bank_account, created_at, updated_at,
        due_at)
      select gen_random_uuid(), gen_random_uuid(), 1, 0, '', now(), now(), now() + ${due}::interval
      from generate_series(1, ${count})`.execute(db.sql);
  await insert(2, "1 minute");
  await insert(3, null);
  expect(await measured()).toEqual([2, 0]);
  await insert(1, "-1 hour");
  expect(await measured()).toEqual([3, 60]);
  await insert(MAX_COUNTED_WITHDRAWALS, "1 minute");
  expect(await measured()).toEqual([MAX_COUNTED_WITHDRAWALS, 60]);
});
