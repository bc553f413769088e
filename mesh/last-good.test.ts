import { expect, test, vi } from "vitest";
import { lastGood, type Source } from "./last-good.ts";

test("a value that can't be read at first is an error", () => {
  const read = () => {
    throw new Error("missing");
  };
  expect(() => lastGood({ ...source([]), read })).toThrow("missing");
});

test("G18 a bad read leaves the last good value, and is told", () => {
  const bad: unknown[] = [];
  using value = lastGood({
    ...source(["a", new Error("bad"), "b"]),
    onBad: (one) => bad.push(one),
  });
  expect([value.reload(), value.current(), bad.length]).toEqual([false, "a", 1]);
  expect([value.reload(), value.current(), bad.length]).toEqual([true, "b", 1]);
});

test("a listener hears of each new value, until it goes", () => {
  using value = lastGood(source(["a", "a", "b", "c"]));
  const heard: string[] = [];
  const listener = value.onChange((next) => void heard.push(next));
  value.reload();
  value.reload();
  listener[Symbol.dispose]();
  value.reload();
  expect([heard, value.current()]).toEqual([["b"], "c"]);
});

test("a value is read again by itself, until it is disposed of", () => {
  vi.useFakeTimers();
  const value = lastGood({ ...source(["a", "b", "c"]), everyMs: 100 });
  vi.advanceTimersByTime(150);
  expect(value.current()).toBe("b");
  value[Symbol.dispose]();
  vi.advanceTimersByTime(1000);
  expect(value.current()).toBe("b");
  vi.useRealTimers();
});

/** Reads the given values in turn; an error is thrown. */
function source(values: (string | Error)[]): Source<string> {
  const left = [...values];
  const read = () => {
    const next = left.shift();
    if (typeof next !== "string") throw next ?? new Error("nothing is left");
    return next;
  };
  return { read, equal: Object.is, onBad: () => {} };
}
