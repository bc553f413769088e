import { sql } from "kysely";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { newId } from "../ids.ts";
import { type EventWorld, eventWorld, STREAM, testFeed } from "../testing/event-world.ts";
import { listDeadLetters, republishEvents, requeueDeadLetters } from "./operations.ts";
import { pruneEvents } from "./prune.ts";

vi.setConfig({ testTimeout: 20_000 });

let world: EventWorld;
beforeEach(async () => {
  world = await eventWorld();
  return async () => world[Symbol.asyncDispose]();
});

describe("listDeadLetters()", () => {
  test("lists newest first, in pages, without those that were worked on", async () => {
    const ids = [await bury(3), await bury(2), await bury(1), await bury(0)];
    await sql`update dead_letter set closed_at = now() where id = ${ids[3]}`.execute(world.db.sql);
    const first = await listDeadLetters(world.db.sql, { pageSize: 2, pageToken: "" });
    const pageToken = first.nextPageToken;
    const second = await listDeadLetters(world.db.sql, { pageSize: 2, pageToken });
    const listed = [...first.deadLetters, ...second.deadLetters];
    expect(listed.map(({ id }) => id)).toEqual([ids[2], ids[1], ids[0]]);
    expect(second.nextPageToken).toBe("");
    expect(listed[0]).toMatchObject({ consumer: "notes", eventId: "e", requeuedAtMs: null });
  });
});

describe("requeueDeadLetters()", () => {
  test("counts those that were not requeued before", async () => {
    const ids = [await bury(0), await bury(0)];
    expect(await requeueDeadLetters(world.db.sql, ids.slice(0, 1))).toBe(1);
    expect(await requeueDeadLetters(world.db.sql, [...ids, newId()])).toBe(1);
    const { deadLetters } = await listDeadLetters(world.db.sql, { pageSize: 0, pageToken: "" });
    expect(deadLetters.every(({ requeuedAtMs }) => requeuedAtMs !== null)).toBe(true);
  });
});

describe("republishEvents()", () => {
  test("N1, N5: publishes again what happened since a time; effects stay single", async () => {
    const feed = testFeed();
    world.relay({ feeds: [feed] });
    world.listen();
    await world.say(["1", "2", "3"]);
    feed.commit("a");
    await expect.poll(async () => world.noted(), waiting).toHaveLength(4);
    await sql`update outbox set at = at - interval '1 hour' where stream_offset = 1`.execute(
      world.db.sql,
    );
    const replay = { stream: STREAM, feeds: [feed], startMs: Date.now() - 60_000 };
    expect(await republishEvents(world.db.sql, replay)).toBe(3);
    await expect.poll(async () => texts(), waiting).toHaveLength(7);
    expect((await texts()).toSorted()).toEqual(["1", "2", "2", "3", "3", "a", "a"]);
    await world.say(["4"]);
    await expect.poll(async () => world.noted(), waiting).toHaveLength(5);
    expect((await world.noted()).toSorted()).toEqual(["1", "2", "3", "4", "a"]);
    const wishes = await sql`select * from relay_rewind`.execute(world.db.sql);
    expect(wishes.rows).toEqual([]);
  });

  test("O5: publishes nothing again that consumers may have forgotten", async () => {
    const feed = testFeed({ horizon: 1 });
    world.relay({ feeds: [feed] });
    for (const text of ["a", "b", "c"]) feed.commit(text);
    await expect.poll(async () => texts(), waiting).toEqual(["b", "c"]);
    await republishEvents(world.db.sql, { stream: STREAM, feeds: [feed], startMs: 0 });
    await expect.poll(async () => texts(), waiting).toEqual(["b", "c", "b", "c"]);
  });

  test("takes times that no clock has for the first and the last of all", async () => {
    world.relay();
    await world.say(["1"]);
    await expect.poll(async () => texts(), waiting).toEqual(["1"]);
    const replay = { stream: STREAM, feeds: [] };
    expect(await republishEvents(world.db.sql, { ...replay, startMs: -1e18 })).toBe(1);
    expect(await republishEvents(world.db.sql, { ...replay, startMs: 1e18 })).toBe(0);
  });

  test("promises nothing when nothing happened since", async () => {
    await world.say(["1"]);
    const replay = { stream: STREAM, feeds: [testFeed()], startMs: Date.now() + 60_000 };
    expect(await republishEvents(world.db.sql, replay)).toBe(0);
  });
});

describe("pruneEvents()", () => {
  test("O7: empties the oldest day when all of it was published a day ago", async () => {
    await world.say(["1", "2"]);
    await age({ published: 2 });
    await run();
    expect(await count("outbox")).toBe(0);
  });

  test.each([
    ["not published", { published: 1 }],
    ["published lately", { published: 2, markedHours: 1 }],
  ])("O7: keeps a day of which something is %s", async (_, published) => {
    await world.say(["1", "2"]);
    await age(published);
    await run();
    expect(await count("outbox")).toBe(2);
  });

  test("keeps the events of today and forgets what consumers saw six days ago", async () => {
    await world.say(["1"]);
    await sql`insert into inbox
      select (extract(epoch from now())::bigint / 86400 + day) % 8, 'notes', day::text
      from generate_series(0, 7) as day`.execute(world.db.sql);
    await run();
    expect(await count("outbox")).toBe(1);
    const left = await sql<{ event_id: string }>`select event_id from inbox order by 1`.execute(
      world.db.sql,
    );
    expect(left.rows.map((row) => row.event_id)).toEqual(["0", "1", "3", "4", "5", "6", "7"]);
  });

  test("forgets a dead letter long after its event was worked on", async () => {
    const id = await bury(0);
    const kept = await bury(0);
    await sql`update dead_letter set closed_at = now() - interval '31 days' where id = ${id}`.execute(
      world.db.sql,
    );
    await run();
    const { deadLetters } = await listDeadLetters(world.db.sql, { pageSize: 0, pageToken: "" });
    expect(deadLetters.map((letter) => letter.id)).toEqual([kept]);
  });
});

const waiting = { timeout: 8000, interval: 20 };

async function texts(): Promise<string[]> {
  return (await world.stored()).map(({ text }) => text);
}

async function bury(hoursAgo: number): Promise<string> {
  const id = newId();
  await sql`insert into dead_letter
    (id, consumer, event_id, subject, headers, payload, error, attempts, created_at)
    values (${id}, 'notes', 'e', 's.0', '{}', '', 'refused', 6,
      now() - ${hoursAgo} * interval '1 hour')`.execute(world.db.sql);
  return id;
}

/** Makes what was said three days old and published up to a number. */
async function age({ published, markedHours = 25 }: { published: number; markedHours?: number }) {
  await sql`update outbox set stream_offset = id`.execute(world.db.sql);
  await sql`update outbox set slot = (slot + 1) % 4, at = at - interval '3 days'`.execute(
    world.db.sql,
  );
  await sql`insert into outbox_number values (${STREAM}, 2)`.execute(world.db.sql);
  await sql`insert into relay_position
    (stream, source, position, stream_seq, stream_created, marked_at, marked_position)
    values (${STREAM}, 'outbox', ${published}, 2, '', now() - ${markedHours} * interval '1 hour',
      ${published})`.execute(world.db.sql);
}

async function run() {
  const signal = new AbortController().signal;
  await pruneEvents(world.db).run(signal, { name: "job/prune-events", token: 1 });
}

async function count(table: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) from ${sql.table(table)}`.execute(
    world.db.sql,
  );
  return rows[0]!.count;
}
