import { expect, test } from "vitest";
import { BREAKER_FAILURES, BREAKER_PAUSE_MS } from "#mesh/limits.ts";
import type { Lane } from "../domain/message.ts";
import type { Outcome } from "../providers/provider.ts";
import { createBreaker } from "./breaker.ts";

const accepted: Outcome = { kind: "ACCEPTED", providerId: "1" };
const refused: Outcome = { kind: "PERMANENT_MESSAGE", failure: "INVALID_NUMBER", code: "1" };
const notSent: Outcome = { kind: "NOT_SENT", code: "ECONNREFUSED" };
const parked: Outcome = { kind: "PARK_NO_CREDIT", code: "14" };

function world(lane: Lane = "BULK") {
  let nowMs = 0;
  const breaker = createBreaker(lane, { monotonicMs: () => nowMs });
  /** Makes a call if one may be made now. */
  const call = (...outcomes: Outcome[]) => {
    const waitMs = breaker.begin();
    if (waitMs === 0) breaker.end(outcomes);
    return waitMs;
  };
  return { breaker, call, pass: (ms: number) => void (nowMs += ms) };
}

test("ROUTE-3 pauses after five failures in a row, or after a second of them", () => {
  const many = world();
  for (let count = 1; count <= BREAKER_FAILURES; count += 1) expect(many.call(notSent)).toBe(0);
  expect(many.call(notSent)).toBe(BREAKER_PAUSE_MS.first);
  const long = world();
  long.call(notSent);
  long.pass(1000);
  expect(long.breaker.isOpen()).toBe(false);
  long.call(notSent);
  expect(long.breaker.isOpen()).toBe(true);
});

test("M19 pauses at once when our account can't send", () => {
  const { call, breaker } = world();
  call(parked, parked);
  expect(breaker.isOpen()).toBe(true);
});

test("ROUTE-3 counts nothing that is wrong with a message, and a good text of a call is enough", () => {
  const { call, breaker } = world();
  for (let count = 0; count < 20; count += 1) call(refused);
  for (let count = 0; count < 20; count += 1) call(notSent, accepted);
  for (let count = 1; count < BREAKER_FAILURES; count += 1) call(notSent);
  call(accepted);
  for (let count = 1; count < BREAKER_FAILURES; count += 1) call(notSent);
  expect(breaker.isOpen()).toBe(false);
});

test("ROUTE-3 lets one call through after a pause, and the others once that went well", () => {
  const { call, breaker, pass } = world();
  call(parked);
  pass(BREAKER_PAUSE_MS.first);
  expect(breaker.begin()).toBe(0);
  expect(breaker.begin()).toBeGreaterThan(0);
  breaker.end([accepted]);
  expect(call(accepted)).toBe(0);
  expect(breaker.isOpen()).toBe(false);
});

test.each([
  ["BULK", [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]],
  ["EXPRESS", [500, 1000, 2000, 2000, 2000, 2000, 2000, 2000, 2000]],
] as const)("LANE-1 pauses %s twice as long each time, up to its bound", (lane, wanted) => {
  const { call, breaker, pass } = world(lane);
  call(parked);
  const pauses: number[] = [];
  for (let count = 0; count < 9; count += 1) {
    pauses.push(breaker.begin());
    pass(pauses.at(-1)!);
    call(notSent);
  }
  expect(pauses).toEqual(wanted);
});

test("a probe that had nothing to send leaves the next one its turn", () => {
  const { call, breaker, pass } = world();
  call(parked);
  pass(BREAKER_PAUSE_MS.first);
  expect(call()).toBe(0);
  expect(breaker.isOpen()).toBe(true);
  expect(call(accepted)).toBe(0);
  expect(breaker.isOpen()).toBe(false);
});
