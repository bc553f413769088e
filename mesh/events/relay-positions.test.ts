import { expect, test } from "vitest";
import { openConnection } from "../database/connection.ts";
import { eventWorld, STREAM, testFeed } from "../testing/event-world.ts";
import { feedSource } from "./feed-source.ts";
import { comparePosition, decidePosition } from "./relay-positions.ts";

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

test("N2: an older database stays where it is, also when it has caught up with the stream", async () => {
  await using world = await eventWorld();
  await using connection = await openConnection({ url: world.db.url, name: "test" });
  const { bus } = world;
  const subjects = ["google.protobuf.>"];
  const relay = world.relay({ feeds: [feedOf("a", "b", "c")] });
  await expect.poll(async () => (await world.stored()).length).toBe(3);
  await relay[Symbol.asyncDispose]();
  const place = { bus, connection, stream: STREAM };
  const now = await bus.ensureStream({ name: STREAM, subjects });
  const restored = feedSource(feedOf("a"));
  const before = await comparePosition(place, restored, now, 0);
  expect(before).toMatchObject({ position: 1, surprise: "foreign" });
  const caughtUp = feedSource(feedOf("a", "x", "y", "z"));
  const after = await comparePosition(place, caughtUp, now, 0);
  expect(after).toMatchObject({ position: 1, surprise: undefined });
});

function feedOf(...texts: string[]) {
  const feed = testFeed();
  for (const text of texts) feed.commit(text);
  return feed;
}
