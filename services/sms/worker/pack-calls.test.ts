import { expect, test } from "vitest";
import { packCalls } from "./pack-calls.ts";

/** Tasks with texts of so many parts each. */
function tasks(...all: readonly number[][]) {
  return all.map((segments, at) => ({
    taskId: `t${at}`,
    chunkId: "c",
    attempt: 1,
    texts: segments.map((count, index) => ({
      messageId: `t${at}.${index}`,
      ref: 1n,
      receiver: "+989121234567",
      sender: "3000505",
      text: "hello",
      segments: count,
      waitedMs: 0,
      leftMs: 1000,
    })),
  }));
}

const packed = (all: ReturnType<typeof tasks>, texts: number, segments: number) =>
  packCalls(all, { texts, segments }).map((call) => call.map(({ text }) => text.messageId));

test("many small tasks share a call, up to what one takes", () => {
  expect(packed(tasks([1], [1], [1]), 2, 100)).toEqual([["t0.0", "t1.0"], ["t2.0"]]);
});

test("LANE-3 a call has no more parts than may go at once, and a long text goes alone", () => {
  expect(packed(tasks([2, 2, 9], [1]), 100, 4)).toEqual([["t0.0", "t0.1"], ["t0.2"], ["t1.0"]]);
});

test("nothing is no call", () => {
  expect(packed([], 100, 100)).toEqual([]);
});
