import { sql } from "kysely";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { LEASE_MS } from "../limits.ts";
import { transaction } from "../database/transaction.ts";
import { testDatabase } from "../testing/postgres.ts";
import { lead } from "./leader.ts";
import { endLease, fence, renewLease, takeLease } from "./lease.ts";

const db = await testDatabase();

afterAll(async () => db[Symbol.asyncDispose]());

beforeEach(async () => {
  await sql`truncate lease`.execute(db.sql);
});

afterEach(() => {
  vi.useRealTimers();
});

const expire = async () =>
  sql`update lease set expires_at = clock_timestamp() - interval '1 s'`.execute(db.sql);

const { signal } = new AbortController();

test("one of many takes a lease, and the next one has a higher token", async () => {
  const tries = await Promise.all(Array.from({ length: 20 }, async () => takeLease(db, "x")));
  const taken = tries.filter((lease) => lease !== undefined);
  expect(taken).toHaveLength(1);
  await endLease(db, taken[0]!);
  expect((await takeLease(db, "x"))!.token).toBeGreaterThan(taken[0]!.token);
});

test("L16 a clock that is wrong here does not end a lease", async () => {
  await takeLease(db, "x");
  vi.useFakeTimers({ now: Date.now() + 365 * 24 * 3600 * 1000, toFake: ["Date"] });
  expect(await takeLease(db, "x")).toBeUndefined();
});

test("who was too late to renew has lost the lease once another has it, not before", async () => {
  const first = (await takeLease(db, "x"))!;
  await expire();
  expect(await renewLease(db, first)).toBe(true);
  await expire();
  await takeLease(db, "x");
  expect(await renewLease(db, first)).toBe(false);
});

test("X3 a transaction of a lease that was taken over commits nothing", async () => {
  const stale = (await takeLease(db, "x"))!;
  await expire();
  await takeLease(db, "x");
  const write = transaction(db, async (tx) => fence(tx, stale));
  await expect(write).rejects.toThrow("was taken over");
});

test("X3 nobody takes a lease over while a transaction under it is open", async () => {
  const lease = (await takeLease(db, "x"))!;
  await transaction(db, async (tx) => {
    await fence(tx, lease);
    await expect(expire()).rejects.toThrow("lock timeout");
  });
});

test("work is done by one at a time, and by another as soon as the first is done", async () => {
  const done: string[] = [];
  await lead(db, { name: "x", signal }, async () => {
    done.push("first");
    await lead(db, { name: "x", signal }, async () => void done.push("meanwhile"));
  });
  await lead(db, { name: "x", signal }, async () => void done.push("second"));
  expect(done).toEqual(["first", "second"]);
});

test("work that goes on for longer than a lease keeps it", { timeout: 20_000 }, async () => {
  const expiry = async () => {
    const { rows } = await sql<{ at: Date }>`select expires_at as at from lease`.execute(db.sql);
    return rows[0]!.at.getTime();
  };
  await lead(db, { name: "x", signal }, async (lost) => {
    const first = await expiry();
    await expect.poll(expiry, { timeout: 10_000 }).toBeGreaterThan(first + LEASE_MS);
    expect(lost.aborted).toBe(false);
  });
});

test("who loses the lease under work is told", { timeout: 20_000 }, async () => {
  await lead(db, { name: "x", signal }, async (lost) => {
    await expire();
    await takeLease(db, "x");
    await new Promise((resolve) => lost.addEventListener("abort", resolve));
    expect(String(lost.reason)).toContain("the lease x is lost");
  });
});
