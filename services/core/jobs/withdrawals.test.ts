import { sql } from "kysely";
import { expect, test } from "vitest";
import { startJobs } from "#mesh/jobs/loop.ts";
import { takeDue } from "../store/due-withdrawals.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { withdrawalJobs } from "./withdrawals.ts";

test("the jobs bring to its end what a crash has left, and measure what is open", async () => {
  await using world = await testWithdrawals({ terms: { waitMs: 0 } });
  const { saga, runner, ledger, settlement, db, log } = world;
  const means = { db, log, telemetry: saga.metrics };
  const id = await world.merchant(1000n);
  settlement.script.outcome = () => "SENDING";
  const { withdrawal } = await world.withdraw("1.00", callOf(id));
  await expect.poll(async () => (await world.find(withdrawal!.id)).state).toBe("SETTLING");
  await sql`update withdrawal set due_at = now() - interval '1 hour'`.execute(db.sql);
  const { metrics } = saga;
  const shown = new Map<string, number>();
  const watching = {
    ...saga,
    metrics: {
      ...metrics,
      gauge: (name: string) => ({ set: (value: number) => void shown.set(name, value) }),
    },
  };
  const gate = Promise.withResolvers<void>();
  settlement.trouble.gate = async () => gate.promise;
  await using _ = startJobs(withdrawalJobs(watching, runner), means);
  await expect.poll(() => shown.get("mizan_withdrawals_open")).toBe(1);
  settlement.move(withdrawal!.id, "SUCCEEDED");
  gate.resolve();
  await expect.poll(async () => (await world.find(withdrawal!.id)).state).toBe("SUCCEEDED");
  expect(ledger.credits.get(id)).toBe(900n);
});

test("of due withdrawals the oldest are taken, by one process each, for as long as a lease lasts", async () => {
  await using world = await testWithdrawals();
  const { db } = world;
  await sql`insert into withdrawal (id, merchant_id, amount, fee, bank_account, created_at,
      updated_at, due_at)
    select gen_random_uuid(), gen_random_uuid(), n, 0, '', now(), now(), now() - n * interval '1 second'
    from generate_series(0, 9) n where n > 0`.execute(db.sql);
  const [one, other] = await Promise.all([takeDue(db.sql, 3), takeDue(db.sql, 3)]);
  const seconds = [...one, ...other].map(({ amount }) => Number(amount));
  expect(seconds.toSorted((first, second) => first - second)).toEqual([4, 5, 6, 7, 8, 9]);
  expect(await takeDue(db.sql, 10)).toHaveLength(3);
  expect(await takeDue(db.sql, 10)).toEqual([]);
});
