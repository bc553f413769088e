import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { bucketOf, newId } from "#mesh/ids.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Tables } from "../store/tables.ts";
import { changesOf } from "../testing/changes.ts";
import { createChangeTail } from "./change-tail.ts";
import { placeOfNow } from "./read-changes.ts";

const stack = new AsyncDisposableStack();
const migrations = [new URL("../store/migrations/", import.meta.url)];
const db = stack.use(await testDatabase<Tables>({ migrations }));
const sms = { db, log: testLog() };
const { happen, number } = changesOf(db);
const { signal } = new AbortController();
afterAll(async () => stack.disposeAsync());

/** Accounts whose changes are in different events. */
function strangers(): [string, string] {
  const one = newId();
  let other = newId();
  while (bucketOf(other) === bucketOf(one)) other = newId();
  return [one, other];
}

test("who comes while the tail reads for others misses nothing", async () => {
  const tail = createChangeTail(sms);
  const [one, other] = strangers();
  const place = await placeOfNow(sms);
  await happen([one, 1], [other, 2]);
  await number();
  using first = tail.watch(one);
  using second = tail.watch(other);
  const backlogs = [first.follow(place), second.follow(place)]; // the read for one is under way
  const taken = await Promise.all(backlogs.map(async (backlog) => backlog!.take(5000, signal)));
  const revisions = taken.map(({ happened }) =>
    happened.map(({ changes }) => changes[0]?.revision),
  );
  expect(revisions).toEqual([[1], [2]]);
});

test("who comes from behind the tail is told to read on first", async () => {
  const tail = createChangeTail(sms);
  const [one, other] = strangers();
  const place = await placeOfNow(sms);
  using first = tail.watch(one);
  const backlog = first.follow(place)!;
  await happen([one, 1], [other, 2]);
  await number();
  await backlog.take(5000, signal);
  using second = tail.watch(other);
  await expect.poll(() => second.follow(place)).toBeUndefined();
  const read = await second.readOn(place);
  expect(read?.happened.map(({ changes }) => changes[0]?.revision)).toEqual([2]);
  expect(second.follow(read!.place)).toBeDefined();
});

test("the tail rests while nobody watches, and begins anew where the next one is", async () => {
  const tail = createChangeTail(sms);
  const [one] = strangers();
  const place = await placeOfNow(sms);
  const first = tail.watch(one);
  first.follow(place);
  await happen([one, 1]);
  await number();
  first[Symbol.dispose]();
  using second = tail.watch(one);
  let backlog = second.follow(place);
  await expect.poll(() => (backlog ??= second.follow(place))).toBeDefined(); // once it rests
  expect((await backlog!.take(5000, signal)).happened).toHaveLength(1);
});

test("followers are ended when some of what follows was dropped", async () => {
  const tail = createChangeTail(sms);
  const [one] = strangers();
  using watcher = tail.watch(one);
  const place = await placeOfNow(sms);
  await happen([one, 1]);
  await happen([one, 2]);
  await number();
  await sql`delete from outbox where stream_offset = ${place.offset + 1}`.execute(db.sql);
  expect(await watcher.readOn(place)).toBeUndefined();
  const failure = await failureOf(watcher.follow(place)!.take(5000, signal));
  expect(reasonOf(failure)).toBe("READER_TOO_SLOW");
});
