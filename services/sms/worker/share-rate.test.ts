import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { LANE_SHARES, LANE_USE_LOOK_MS, LANE_USED_MS } from "#mesh/limits.ts";
import { type TestSms, testSms } from "../testing/test-sms.ts";
import { shareRate } from "./share-rate.ts";

let world: TestSms;
beforeAll(async () => {
  world = await testSms();
});
afterAll(async () => world[Symbol.asyncDispose]());

test("LANE-2 bulk has all of the rate while express is idle, and gives it back at once", async () => {
  using bulk = shareRate(world.sms, "BULK", 1000);
  using express = shareRate(world.sms, "EXPRESS", 1000);
  await vi.waitFor(() => expect(bulk.perSecond()).toBe(1000));
  express.used();
  await vi.waitFor(() => expect(bulk.perSecond()).toBe(1000 * LANE_SHARES.BULK));
  expect(express.perSecond()).toBe(1000);
  await vi.waitFor(() => expect(bulk.perSecond()).toBe(1000), { timeout: 10_000 });
});

test("LANE-2 bulk that has not heard of express yet leaves it its share", () => {
  using bulk = shareRate(world.sms, "BULK", 1000);
  expect(bulk.perSecond()).toBe(1000 * LANE_SHARES.BULK);
});

test("LANE-2 bulk that has not asked for a while does not know any more, and asks again", async () => {
  using bulk = shareRate(world.sms, "BULK", 1000);
  const has = (perSecond: number) => () => expect(bulk.perSecond()).toBe(perSecond);
  await vi.waitFor(has(1000), { timeout: 10_000 });
  const rarely = { interval: LANE_USED_MS + 2 * LANE_USE_LOOK_MS, timeout: 20_000 };
  await vi.waitFor(has(1000 * LANE_SHARES.BULK), rarely);
  await vi.waitFor(has(1000), { timeout: 10_000 });
});
