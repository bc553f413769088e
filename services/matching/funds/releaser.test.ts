import { sql } from "kysely";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { hexOf, newId } from "#mesh/ids.ts";
import { MAX_HOLD_STEP, REFUSED_RELEASE_MS } from "#mesh/limits.ts";
import type { OwedRelease } from "../domain/owed-release.ts";
import { testFunds, wantedOf } from "../testing/test-funds.ts";

const world = await testFunds();
const { funds, books, ledger, rows } = world;
afterAll(async () => world[Symbol.asyncDispose]());
beforeEach(() => Object.assign(ledger.trouble, { isAway: false, gate: () => undefined }));

const USDT = (ownerId: string) => ({ ownerId, asset: "USDT" });

/** An order of somebody new whose hold of 1000 is taken. */
async function held() {
  const ownerId = newId();
  books.charge(USDT(ownerId), 6, 1000n);
  const wanted = wantedOf(ownerId, 1000n);
  using placing = funds.placing([wanted.order]);
  await placing.take([wanted]);
  const owed = (step: number, minor: bigint): OwedRelease => {
    return { hold: wanted.order, step, owner: hexOf(ownerId), asset: "USDT", minor };
  };
  return { ownerId, hold: wanted.order, owed };
}

const gone = async () => vi.waitFor(async () => expect(await world.owed()).toEqual([]), 5000);

test("FLOW-17 what a batch has freed is free when a call has waited for it, and then no row is left", async () => {
  const [one, other] = [await held(), await held()];
  const before = ledger.calls.length;
  await world.freed([one.owed(1, 300n), other.owed(1, 1000n)]);
  await world.freed([one.owed(2, 200n)]);
  await funds.freed([one.hold, other.hold]);
  expect([books.free(USDT(one.ownerId)), books.free(USDT(other.ownerId))]).toEqual([500n, 1000n]);
  expect(ledger.calls.slice(before).every(({ method }) => method === "releaseHolds")).toBe(true);
  await gone();
});

test("a row that comes after the ledger's answer is deleted all the same", async () => {
  const one = await held();
  const { promise, resolve } = Promise.withResolvers<void>();
  rows.flushed = async () => promise;
  await world.freed([one.owed(1, 300n)], false);
  await funds.freed([one.hold]);
  expect(books.free(USDT(one.ownerId))).toBe(300n);
  rows.flushed = async () => undefined;
  await world.freed([one.owed(1, 300n)]); // the rows of the batch, and nothing is sent again
  resolve();
  await gone();
});

test("a release that no call may have does not keep those of others in the same call", async () => {
  const [one, bad, other] = [await held(), await held(), await held()];
  const step = MAX_HOLD_STEP + 1;
  await world.freed([one.owed(1, 300n), bad.owed(step, 300n), other.owed(1, 400n)]);
  await funds.freed([one.hold, bad.hold, other.hold]);
  const free = [one, bad, other].map(({ ownerId }) => books.free(USDT(ownerId)));
  expect(free).toEqual([300n, 0n, 400n]);
  const owed = async () => expect(await world.owed()).toEqual([`${bad.hold}/${step}`]);
  await vi.waitFor(owed, 5000);
  await sql`delete from release`.execute(world.db.sql);
});

test("what the ledger has not answered stays owed, and is sent by whoever looks next", async () => {
  const one = await held();
  ledger.trouble.isAway = true;
  await world.freed([one.owed(1, 300n), one.owed(2, 700n)]);
  const startMs = performance.now();
  await funds.freed([one.hold]); // a second at most
  expect(performance.now() - startMs).toBeLessThan(3000);
  expect(await world.owed()).toEqual([`${one.hold}/1`, `${one.hold}/2`]);
  ledger.trouble.isAway = false;
  await using next = world.start();
  await next.releaseLeft();
  await next.freed([one.hold]);
  expect(books.free(USDT(one.ownerId))).toBe(1000n);
  await gone();
});

test("one that is under way is not sent again by a look", async () => {
  const one = await held();
  const { promise, resolve } = Promise.withResolvers<void>();
  ledger.trouble.gate = async () => promise;
  const before = ledger.calls.length;
  await world.freed([one.owed(1, 300n)]);
  await funds.releaseLeft();
  resolve();
  await funds.freed([one.hold]);
  await gone();
  expect(ledger.calls.length - before).toBe(1);
});

test("a refused release is an alarm, stays owed, and is tried again after a pause", async () => {
  const one = await held();
  books.disturb(USDT(one.ownerId), -500n);
  await world.freed([one.owed(1, 600n)]);
  await funds.freed([one.hold]);
  const alarms = () =>
    world.log.records.filter(
      ({ reason, owner }) => reason === "HOLD_EXCEEDED" && owner === one.ownerId,
    );
  expect(alarms()).toHaveLength(1);
  expect(await world.owed()).toEqual([`${one.hold}/1`]);
  books.disturb(USDT(one.ownerId), 500n);
  const before = ledger.calls.length;
  await funds.releaseLeft();
  await funds.freed([one.hold]);
  expect(ledger.calls.length).toBe(before); // not yet
  const clock = vi.spyOn(performance, "now");
  const nowMs = performance.now() + REFUSED_RELEASE_MS.first + 1;
  clock.mockReturnValue(nowMs);
  await funds.releaseLeft();
  clock.mockRestore();
  await funds.freed([one.hold]);
  expect(books.free(USDT(one.ownerId))).toBe(600n);
  await gone();
});
