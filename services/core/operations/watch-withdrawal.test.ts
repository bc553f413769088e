import { afterAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { MAX_WATCHERS } from "#mesh/limits.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { hearPayouts } from "./hear-payouts.ts";
import { createWithdrawalWatch, type Watch } from "./watch-withdrawal.ts";

const world = await testWithdrawals({ terms: { waitMs: 0 } });
afterAll(async () => world[Symbol.asyncDispose]());
const { saga, settlement, db } = world;

/** A withdrawal whose bank has not answered yet. */
async function settling() {
  settlement.script.outcome = () => "SENDING";
  const merchantId = await world.merchant(1000n);
  const { id } = (await world.withdraw("1.00", callOf(merchantId))).withdrawal!;
  await expect.poll(async () => (await world.find(id)).state).toBe("SETTLING");
  return { merchantId, id };
}

const whose = (one: { readonly merchantId: string; readonly id: string }): Watch => ({
  ...one,
  signal: new AbortController().signal,
  endMs: Date.now() + 20_000,
});

test("a watcher sees it as it is, then each change until the end, wherever it was made", async () => {
  const one = await settling();
  for (const process of [world, world.another()]) {
    const stream = createWithdrawalWatch(process.saga)(whose(one));
    expect((await stream.next()).value).toMatchObject({ id: one.id, state: "SETTLING" });
    const isLast = process !== world;
    const $typeName = "mizan.settlement.v1.PayoutsChanged" as const;
    const payouts = [settlement.move(one.id, isLast ? "SUCCEEDED" : "UNKNOWN")];
    const next = stream.next();
    await hearPayouts(db.sql, { $typeName, payouts });
    expect((await next).value).toMatchObject({
      attempts: [{ state: isLast ? "SUCCEEDED" : "UNKNOWN" }],
    });
    const end = isLast ? stream.next() : undefined;
    if (isLast) await world.sweep();
    expect((await end)?.value ?? { state: "SUCCEEDED" }).toMatchObject({ state: "SUCCEEDED" });
    const over = isLast ? await stream.next() : await stream.return(undefined);
    expect(over.done).toBe(true);
  }
});

test("who watches what has ended is told that, and no more", async () => {
  settlement.script.outcome = () => "FAILED";
  const merchantId = await world.merchant(1000n);
  const { id } = (await world.withdraw("1.00", callOf(merchantId))).withdrawal!;
  await expect.poll(async () => (await world.find(id)).state).toBe("FAILED");
  const states = await Array.fromAsync(createWithdrawalWatch(saga)(whose({ merchantId, id })));
  expect(states.map(({ state }) => state)).toEqual(["FAILED"]);
});

test("without a change there is a sign of life, and an end at the deadline", async () => {
  const watch = { ...whose(await settling()), signMs: 20, endMs: Date.now() + 500 };
  const signs: string[] = [];
  const read = async () => {
    for await (const { state } of createWithdrawalWatch(saga)(watch)) signs.push(state);
  };
  expect(reasonOf(await failureOf(read()))).toBe("DEADLINE_PASSED");
  expect(signs.length).toBeGreaterThan(2);
  expect(new Set(signs)).toEqual(new Set(["SETTLING"]));
});

test("a stream ends when its reader leaves", async () => {
  const leaving = new AbortController();
  const watch = { ...whose(await settling()), signal: leaving.signal };
  const stream = createWithdrawalWatch(saga)(watch);
  await stream.next();
  const next = stream.next();
  leaving.abort(new Error("gone"));
  await expect(next).rejects.toThrow("gone");
});

test("nobody watches what is another merchant's, and few watch at a time", async () => {
  const one = await settling();
  const watch = createWithdrawalWatch(saga);
  const stranger = watch(whose({ ...one, merchantId: newId() }));
  expect(reasonOf(await failureOf(stranger.next()))).toBe("WITHDRAWAL_NOT_FOUND");
  const streams = Array.from({ length: MAX_WATCHERS.ofAccount }, () => watch(whose(one)));
  await Promise.all(streams.map(async (stream) => stream.next()));
  expect(reasonOf(await failureOf(watch(whose(one)).next()))).toBe("OVERLOADED");
  await streams[0]!.return(undefined);
  expect((await watch(whose(one)).next()).value).toMatchObject({ id: one.id });
});
