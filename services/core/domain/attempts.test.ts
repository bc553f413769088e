import { describe, expect, test } from "vitest";
import { MAX_LOGIN_ATTEMPTS_KEPT } from "#mesh/limits.ts";
import { type Attempt, createAttempts } from "./attempts.ts";

const owner = { name: "sara", network: "192.0.2.1" };
const stranger = { name: "sara", network: "203.0.113.9" };

describe("createAttempts()", () => {
  test("S3 the fifth wrong password makes the network wait, and every further one longer", () => {
    const attempts = createAttempts();
    fail(attempts, stranger, 5);
    expect(waits(attempts, stranger, 5)).toEqual([1000, 2000, 4000, 8000, 16_000]);
  });

  test("S3 an attempt that has to wait does not make the wait longer", () => {
    const attempts = createAttempts();
    fail(attempts, stranger, 5);
    expect(attempts.take(stranger, 400)).toBe(600);
    expect(attempts.take(stranger, 900)).toBe(100);
    expect(attempts.take(stranger, 1000)).toBe(0);
  });

  test("S3 the longest wait is a quarter of an hour", () => {
    const attempts = createAttempts();
    fail(attempts, stranger, 5);
    expect(waits(attempts, stranger, 30).at(-1)).toBe(15 * 60 * 1000);
  });

  test("S3 a stranger who guesses does not lock the owner out", () => {
    const attempts = createAttempts();
    fail(attempts, stranger, 20);
    expect(attempts.take(stranger, 0)).toBeGreaterThan(0);
    expect(attempts.take(owner, 0)).toBe(0);
  });

  test("the right password ends the wait for the next mistake", () => {
    const attempts = createAttempts();
    fail(attempts, owner, 4);
    attempts.take(owner, 0);
    attempts.succeed(owner, 0);
    fail(attempts, owner, 4);
    expect(attempts.take(owner, 0)).toBe(0);
  });

  test("an attempt that was not looked at does not count", () => {
    const attempts = createAttempts();
    for (let attempt = 0; attempt < 200; attempt += 1) {
      expect(attempts.take(stranger, 0)).toBe(0);
      attempts.undo(stranger, 0);
    }
  });

  test("S3 a network that guesses for many names runs out of attempts", () => {
    const attempts = createAttempts();
    const delays = Array.from({ length: 101 }, (_, at) =>
      attempts.take({ name: `user-${at}`, network: "203.0.113.9" }, 0),
    );
    expect(delays.slice(0, 100)).toEqual(Array<number>(100).fill(0));
    expect(delays[100]).toBe(6000);
    expect(attempts.take({ name: "user-100", network: "203.0.113.9" }, 6000)).toBe(0);
  });

  test("S3 a neighbour who guesses does not lock out who was right from there before", () => {
    const attempts = createAttempts();
    attempts.take(owner, 0);
    attempts.succeed(owner, 0);
    for (let at = 0; at < 100; at += 1) attempts.take({ ...owner, name: `user-${at}` }, 1);
    expect(attempts.take({ ...owner, name: "another" }, 1)).toBeGreaterThan(0);
    expect(attempts.take(owner, 1)).toBe(0);
  });

  test("right passwords don't use up the attempts of a network", () => {
    const attempts = createAttempts();
    for (let at = 0; at < 500; at += 1) {
      const attempt = { name: `user-${at}`, network: "192.0.2.1" };
      expect(attempts.take(attempt, 0)).toBe(0);
      attempts.succeed(attempt, 0);
    }
  });

  test("an hour without an attempt is a new start", () => {
    const attempts = createAttempts();
    fail(attempts, stranger, 5);
    const later = 2 * 60 * 60 * 1000;
    expect(fail(attempts, stranger, 4, later)).toEqual([0, 0, 0, 0]);
  });

  test("S17 what is remembered is bounded: the oldest name is forgotten", () => {
    const attempts = createAttempts();
    fail(attempts, stranger, 5);
    for (let at = 0; at < MAX_LOGIN_ATTEMPTS_KEPT; at += 1) {
      attempts.take({ name: "x", network: `network-${at}` }, 1);
    }
    expect(attempts.take(stranger, 1)).toBe(0);
  });
});

function fail(
  attempts: ReturnType<typeof createAttempts>,
  attempt: Attempt,
  times: number,
  nowMs = 0,
): number[] {
  return Array.from({ length: times }, () => attempts.take(attempt, nowMs));
}

/** Tries as soon as it may, so many times, and returns how long each wait was. */
function waits(
  attempts: ReturnType<typeof createAttempts>,
  attempt: Attempt,
  times: number,
): number[] {
  let nowMs = 0;
  return Array.from({ length: times }, () => {
    const waitMs = attempts.take(attempt, nowMs);
    nowMs += waitMs;
    attempts.take(attempt, nowMs);
    return waitMs;
  });
}
