import { expect, test } from "vitest";
import { decidePosition } from "./relay-positions.ts";

const stream = { created: "monday", firstSeq: 5, lastSeq: 20 };
const found = { position: 100, streamSeq: 15 };

test.each([
  ["nothing is known of a new stream", undefined, undefined, 0],
  ["the stream's last message counts", found, undefined, 100],
  ["also when less was written down", found, { ...found, position: 50, streamSeq: 8 }, 100],
  ["and when more was, since that is lost", found, { ...found, position: 150, streamSeq: 18 }, 100],
  ["what was written down of that very message counts more", found, { ...found, position: 90 }, 90],
  ["a stream that has outlived its message", undefined, { position: 70, streamSeq: 4 }, 70],
  ["a stream that should have the message and has not", undefined, { ...found, streamSeq: 6 }, 0],
])("N2: %s", (_, last, saved, position) => {
  const written = saved && { ...saved, created: "monday" };
  expect(decidePosition(last, written, stream)).toBe(position);
});

test("N2: what was written down of another stream does not count", () => {
  const saved = { position: 70, streamSeq: 4, created: "sunday" };
  expect(decidePosition(undefined, saved, stream)).toBe(0);
});
