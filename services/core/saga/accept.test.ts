import { expect, test } from "vitest";
import { Withdrawal_State } from "#gen/mizan/core/v1/withdrawal_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { startJobs } from "#mesh/jobs/loop.ts";
import { MAX_UNDER_WAY_WITHDRAWALS, MAX_WAITING_WITHDRAWALS } from "#mesh/limits.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { withdrawalJobs } from "../jobs/withdrawals.ts";
import { createWithdrawal } from "../operations/create-withdrawal.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { createAccept } from "./accept.ts";

const { REQUESTED, SUCCEEDED } = Withdrawal_State;

test("R3 a slow bank fills no more than the places of those who wait; the others are answered", async () => {
  await using world = await testWithdrawals({ terms: { waitMs: 25_000 } });
  const { saga, runner, settlement, withdraw, find, db, log } = world;
  const means = { db, log, telemetry: saga.metrics };
  await using _ = startJobs(withdrawalJobs(saga, runner), means); // for a machine that is slow
  const id = await world.merchant(1_000_000n);
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  settlement.trouble.gate = async () => {
    reached.resolve();
    await gate.promise;
  };
  const waiting = Array.from({ length: MAX_WAITING_WITHDRAWALS }, async () =>
    withdraw("1.00", callOf(id, { withinMs: 28_000 })),
  );
  await reached.promise;
  // Places are taken once all of these are stored, which those that come now wait for too.
  const early = await withdraw("1.00", callOf(id, { key: "early" }));
  expect(early.withdrawal!.state).toBe(REQUESTED);
  gate.resolve();
  const states = (await Promise.all(waiting)).map(({ withdrawal }) => withdrawal!.state);
  expect(new Set(states)).toEqual(new Set([SUCCEEDED]));
  await expect.poll(async () => (await find(early.withdrawal!.id)).state).toBe("SUCCEEDED");
  expect(await withdraw("1.00", callOf(id, { key: "early" }))).toEqual(early);
  expect((await withdraw("1.00", callOf(id))).withdrawal!.state).toBe(SUCCEEDED);
});

test("R3 a process that carries out as many as it can takes no more", async () => {
  await using world = await testWithdrawals();
  const { saga, runner } = world;
  const accept = createAccept(saga, { ...runner, count: () => MAX_UNDER_WAY_WITHDRAWALS });
  const money = { asset: "IRR", amount: "1.00" };
  const id = await world.merchant(1000n);
  const refusal = await failureOf(createWithdrawal(accept, money, callOf(id)));
  expect([reasonOf(refusal), refusal.metadata.get("retry-after")]).toEqual(["OVERLOADED", "1"]);
});

test("a request that nothing could be stored for is carried out when it comes again", async () => {
  await using world = await testWithdrawals({ max: 1 });
  const { db, withdraw, ledger } = world;
  const id = await world.merchant(1000n);
  const release = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const holding = db.sql.connection().execute(async () => {
    taken.resolve();
    await release.promise;
  });
  await taken.promise;
  expect(reasonOf(await failureOf(withdraw("1.00", callOf(id, { key: "k" }))))).toBe("OVERLOADED");
  release.resolve();
  await holding;
  const { withdrawal } = await withdraw("1.00", callOf(id, { key: "k" }));
  expect([withdrawal!.state, ledger.credits.get(id)]).toEqual([SUCCEEDED, 900n]);
});

test("what is booked is noted though no connection was free for a while", async () => {
  await using world = await testWithdrawals({ max: 1 });
  const { db, withdraw, ledger } = world;
  const id = await world.merchant(1000n);
  const release = Promise.withResolvers<void>();
  ledger.trouble.gate = async (method) => {
    if (method !== "captureHolds") return;
    const taken = Promise.withResolvers<void>();
    void db.sql.connection().execute(async () => {
      taken.resolve();
      await release.promise;
    });
    await taken.promise;
  };
  const answer = withdraw("1.00", callOf(id));
  const busy = setInterval(() => {
    if (db.waitedMs() > 100) setTimeout(release.resolve, 600); // longer than one waits for one
  }, 5);
  expect((await answer).withdrawal!.state).toBe(SUCCEEDED);
  clearInterval(busy);
});
