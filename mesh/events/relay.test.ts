import { randomBytes } from "node:crypto";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { sql } from "kysely";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { newId } from "../ids.ts";
import { appendText, type EventWorld, eventWorld, STREAM } from "../testing/event-world.ts";
import { subject, testFeed } from "../testing/event-world.ts";

vi.setConfig({ testTimeout: 20_000 });

let world: EventWorld;
beforeEach(async () => {
  world = await eventWorld();
  return async () => world[Symbol.asyncDispose]();
});

describe("startRelay()", () => {
  test("publishes what is committed, in order and with its headers", async () => {
    world.relay();
    const beforeMs = Date.now();
    await world.say(texts(3), { key: "k", seq: 7, token: "5" });
    await expect.poll(storedTexts, waiting).toEqual(texts(3));
    const [first, second] = await world.stored();
    expect(first!.subject).toBe(subject("5"));
    expect(first!.header("mizan-key")).toBe("k");
    expect(first!.header("mizan-seq")).toBe("7");
    expect(first!.header("content-type")).toBe("application/protobuf");
    expect(Number(first!.header("mizan-time"))).toBeGreaterThanOrEqual(beforeMs - 1);
    expect([first, second].map((message) => message!.header("mizan-offset"))).toEqual(["1", "2"]);
  });

  test("O1: an event of a transaction that is rolled back never leaves", async () => {
    world.relay();
    const refused = world.db.sql.transaction().execute(async (tx) => {
      await appendText(tx, "no");
      throw new Error("refused");
    });
    await expect(refused).rejects.toThrow("refused");
    await world.say(["yes"]);
    await expect.poll(storedTexts, waiting).toEqual(["yes"]);
  });

  test("O2: a transaction that began first and commits last is not passed over", async () => {
    world.relay();
    const late = Promise.withResolvers<void>();
    const first = world.db.sql.transaction().execute(async (tx) => {
      await appendText(tx, "late");
      await late.promise;
    });
    await world.say(["early"]);
    await expect.poll(storedTexts, waiting).toEqual(["early"]);
    late.resolve();
    await first;
    await expect.poll(storedTexts, waiting).toEqual(["early", "late"]);
  });

  test("O3: of two relays one publishes, and the order is kept when it goes", async () => {
    const one = world.relay();
    world.relay();
    const said = world.say(texts(200));
    await vi.waitFor(async () => expect((await world.stored()).length).toBeGreaterThan(20));
    await one[Symbol.asyncDispose]();
    await said;
    await expect.poll(storedTexts, waiting).toEqual(texts(200));
    const refused = world.log.records.filter(({ level }) => level === "warn" || level === "error");
    expect(refused).toEqual([]);
  });

  test("publishes feeds too, each in its order", async () => {
    const feed = testFeed();
    world.relay({ feeds: [feed] });
    feed.commit("a", "b");
    feed.commit("c");
    await expect.poll(storedTexts, waiting).toEqual(["a b", "c"]);
    await world.say(["1"]);
    feed.commit("d");
    await expect.poll(storedSorted, waiting).toEqual(["1", "a b", "c", "d"].toSorted());
    const last = await world.bus.lastOf(STREAM, subject("feed"));
    expect(last!.header("mizan-seq")).toBe("4");
  });

  test("publishes what there is before it stops", async () => {
    const relay = world.relay();
    await world.say(["0"]);
    await expect.poll(storedTexts, waiting).toEqual(["0"]);
    await sayAtOnce(texts(700));
    await relay[Symbol.asyncDispose]();
    expect(await storedTexts()).toEqual(["0", ...texts(700)]);
  });

  test("goes on after messages that others have put into the stream", async () => {
    const before = world.relay();
    await world.say(["1"]);
    await expect.poll(storedTexts, waiting).toEqual(["1"]);
    await before[Symbol.asyncDispose]();
    await publishForeign(1, newId());
    world.relay();
    await world.say(["2"]);
    await expect.poll(storedTexts, waiting).toEqual(["1", "foreign", "2"]);
    await publishForeign(3, newId());
    await world.say(["3"]);
    await expect.poll(storedTexts, waiting).toEqual(["1", "foreign", "2", "foreign", "3"]);
  });

  test("N8: a full stream is reported, and what it refuses waits in the database", async () => {
    const relay = world.relay({ maxBytes: 20_000 });
    const large = [1, 2, 3].map(() => randomBytes(4000).toString("hex"));
    await world.say(large);
    await vi.waitFor(
      async () => expect(await world.metric("mizan_relay_blocked")).toBe(1),
      waiting,
    );
    expect(await storedTexts()).toEqual(large.slice(0, 2));
    await relay[Symbol.asyncDispose]();
    world.relay({ maxBytes: 200_000 });
    await expect.poll(storedTexts, waiting).toEqual(large);
  });

  test("N12: events of the time without a broker leave when it is back", async () => {
    await world.nats.kill();
    world.relay();
    await world.say(texts(5));
    await vi.waitFor(
      async () => expect(await world.metric("mizan_relay_blocked")).toBe(1),
      waiting,
    );
    await world.nats.start();
    await expect.poll(storedTexts, waiting).toEqual(texts(5));
    expect(await world.metric("mizan_relay_blocked")).toBe(0);
  });

  test("N14: a stream that is deleted is made again with all its events", async () => {
    world.relay();
    await world.say(texts(5));
    await expect.poll(storedTexts, waiting).toEqual(texts(5));
    await deleteStream();
    await world.say(["6"]);
    await expect.poll(storedTexts, waiting).toEqual(texts(6));
  });

  test("loses nothing and keeps the order while its connection to the database is cut", async () => {
    world.relay();
    const said = world.say(texts(150));
    for (let times = 0; times < 3; times += 1) {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'relay' and datname = current_database()`.execute(world.db.sql);
      await vi.waitFor(async () => {
        expect((await world.stored()).length).toBeGreaterThan(40 * times);
      }, waiting);
    }
    await said;
    await expect.poll(storedTexts, waiting).toEqual(texts(150));
  });

  test("loses nothing and keeps the order while nats-server is killed", async () => {
    const feed = testFeed();
    world.relay({ feeds: [feed] });
    const said = (async () => {
      for (const text of texts(300)) {
        await world.say([text]);
        feed.commit(`f${text}`);
      }
    })();
    for (let times = 1; times <= 2; times += 1) {
      await vi.waitFor(async () => {
        expect((await world.stored()).length).toBeGreaterThan(60 * times);
      }, waiting);
      await world.nats.kill();
      await world.nats.start();
    }
    await said;
    await vi.waitFor(async () => expect(await storedTexts()).toHaveLength(600), waiting);
    const all = await storedTexts();
    expect(all.filter((text) => !text.startsWith("f"))).toEqual(texts(300));
    expect(all.filter((text) => text.startsWith("f"))).toEqual(
      texts(300).map((text) => `f${text}`),
    );
  });
});

describe("N2: the stream is compared with the database", () => {
  test("a store that was wiped while the broker was stopped is filled again", async () => {
    const feed = testFeed();
    world.relay({ feeds: [feed] });
    await sayAtOnce(texts(300));
    feed.commit("a");
    await expect.poll(storedSorted, waiting).toEqual(["a", ...texts(300)].toSorted());
    await world.nats.stop();
    await world.nats.wipe();
    await world.say(["new"]);
    feed.commit("b");
    await world.nats.start();
    await expect.poll(storedSorted, waiting).toEqual(["a", "b", "new", ...texts(300)].toSorted());
    expect(await world.metric(surprises)).toBe(2);
  });

  test("a store that was rolled back to an older copy gets its tail again", async () => {
    const feed = testFeed();
    world.relay({ feeds: [feed] });
    await world.say(texts(20));
    feed.commit("a");
    await expect.poll(storedSorted, waiting).toEqual(["a", ...texts(20)].toSorted());
    await world.nats.stop();
    const rollBack = await world.nats.snapshot();
    await world.nats.start();
    await world.say(texts(20, 21));
    feed.commit("b");
    await expect.poll(storedSorted, waiting).toEqual(["a", "b", ...texts(40)].toSorted());
    await world.nats.stop();
    await rollBack();
    await world.nats.start();
    await expect.poll(storedSorted, waiting).toEqual(["a", "b", ...texts(40)].toSorted());
  });

  test("a relay that starts later publishes nothing again, unless the store was wiped", async () => {
    const first = world.relay();
    await world.say(texts(10));
    await expect.poll(storedTexts, waiting).toEqual(texts(10));
    await first[Symbol.asyncDispose]();
    await world.nats.kill();
    await world.nats.start();
    const second = world.relay();
    await world.say(["11"]);
    await expect.poll(storedTexts, waiting).toEqual(texts(11));
    await second[Symbol.asyncDispose]();
    await world.nats.stop();
    await world.nats.wipe();
    await world.nats.start();
    world.relay();
    await expect.poll(storedTexts, waiting).toEqual(texts(11));
  });

  test("events that the stream has outlived are not published again", async () => {
    const first = world.relay({ maxAgeMs: 1000 });
    await world.say(texts(10));
    await expect.poll(storedTexts, waiting).toEqual(texts(10));
    await first[Symbol.asyncDispose]();
    await expect.poll(storedTexts, waiting).toEqual([]);
    world.relay({ maxAgeMs: 60_000 });
    await world.say(["11"]);
    await expect.poll(storedTexts, waiting).toEqual(["11"]);
  });

  test("a database that was restored to an older state goes on after the stream's events", async () => {
    const feed = testFeed();
    const before = world.relay({ feeds: [feed] });
    await world.say(texts(10));
    feed.commit("a");
    feed.commit("b");
    await expect.poll(storedSorted, waiting).toEqual(["a", "b", ...texts(10)].toSorted());
    await before[Symbol.asyncDispose]();
    await sql`delete from outbox where stream_offset > 4`.execute(world.db.sql);
    await sql`update outbox_number set last_offset = 4`.execute(world.db.sql);
    await sql`truncate relay_position`.execute(world.db.sql);
    const restored = testFeed();
    restored.commit("a");
    const after = world.relay({ feeds: [restored] });
    await expect.poll(async () => world.metric(surprises, { surprise: "foreign" })).toBe(2);
    await after[Symbol.asyncDispose]();
    await world.say(texts(9, 11));
    await sql`select claim_outbox(${STREAM}, 100)`.execute(world.db.sql); // and then it is killed
    restored.commit("c");
    world.relay({ feeds: [restored] });
    await expect.poll(storedSorted, waiting).toEqual(["a", "b", "c", ...texts(19)].toSorted());
  });

  test("N5: an event that the broker remembers but does not have is published all the same", async () => {
    await world.bus.ensureStream({ name: STREAM, subjects: ["google.protobuf.>"] });
    await world.say(["1", "2"]);
    const found = await sql<{ event_id: string }>`
      select event_id from outbox order by id`.execute(world.db.sql);
    await publishForeign(0, found.rows[1]!.event_id);
    world.relay();
    await expect.poll(storedTexts, waiting).toEqual(["foreign", "1", "2"]);
    const last = (await world.stored()).at(-1)!;
    expect(last.header("Nats-Msg-Id")).toBe(`${found.rows[1]!.event_id}:r2`);
  });
});

const surprises = "mizan_stream_surprises_total";
const waiting = { timeout: 8000, interval: 20 };

function texts(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, at) => String(from + at));
}

async function storedTexts(): Promise<string[]> {
  return (await world.stored()).map(({ text }) => text);
}

async function storedSorted(): Promise<string[]> {
  return (await storedTexts()).toSorted();
}

async function sayAtOnce(all: readonly string[]) {
  await world.db.sql.transaction().execute(async (tx) => {
    for (const text of all) await appendText(tx, text);
  });
}

async function publishForeign(afterStreamSeq: number, id: string) {
  const payload = Buffer.from([10, 7, ...Buffer.from("foreign")]);
  const message = { stream: STREAM, subject: subject("0"), id, headers: {}, payload };
  await world.bus.publish({ ...message, afterStreamSeq });
}

async function deleteStream() {
  const connection = await connect({ servers: new URL(world.nats.url).host });
  await (await jetstreamManager(connection)).streams.delete(STREAM);
  await connection.close();
}
