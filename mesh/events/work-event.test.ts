import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { type Kysely, sql } from "kysely";
import { Registry } from "prom-client";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { connect as connectDatabase } from "../database/connect.ts";
import { transaction } from "../database/transaction.ts";
import { newId } from "../ids.ts";
import { createMetrics } from "../metrics.ts";
import { testDelivery } from "../testing/delivery.ts";
import { type EventWorld, eventWorld, STREAM, subject } from "../testing/event-world.ts";
import { consumerMetrics } from "./consumer-metrics.ts";
import { consumer, repeatable } from "./consumer.ts";
import { workEvent } from "./work-event.ts";

vi.setConfig({ testTimeout: 20_000 });

let world: EventWorld;
beforeEach(async () => {
  world = await eventWorld();
  return async () => world[Symbol.asyncDispose]();
});

describe("an event that does not concern a consumer", () => {
  const note = async (db: Kysely<unknown>, text: string) =>
    sql`insert into note (consumer, text) values ('some', ${text})`.execute(db);
  const some = consumer(
    StringValueSchema,
    "some",
    async (tx, { value }) => void (await note(tx, value)),
    ({ value }) => {
      if (value === "broken") throw new Error("no such text");
      return !value.startsWith("-");
    },
  );

  test("is taken without a look at the database, and the others are worked on", async () => {
    world.relay();
    world.listen({ consumers: [some] });
    await world.say(["1", "-2", "3", "-4"]);
    await expect.poll(async () => world.noted("some"), waiting).toEqual(["1", "3"]);
    await expect.poll(async () => ended("skipped"), waiting).toBe(2);
    await expect.poll(async () => unanswered("some"), waiting).toBe(0);
    expect(await ended("worked")).toBe(2);
    expect(await remembered()).toBe(2);
  });

  test("opens no transaction: it is taken where there is no database", async () => {
    await using db = connectDatabase({ url: "postgres://127.0.0.1:1/none", max: 1, name: "none" });
    const metrics = consumerMetrics(createMetrics(new Registry()));
    const deliver = async (value: string) => {
      const message = create(StringValueSchema, { value });
      const { delivery, answers } = testDelivery(StringValueSchema, message, newId());
      await workEvent({ db, log: world.log, metrics }, some, delivery);
      return answers;
    };
    expect(await deliver("-1")).toEqual(["ack"]);
    expect(await deliver("1")).toEqual(["retry"]);
  });

  test("N9 becomes a dead letter at once when it can't be told", async () => {
    world.relay();
    world.listen({ consumers: [some] });
    await world.say(["broken", "1"]);
    await expect.poll(letters, waiting).toMatchObject([{ attempts: 1 }]);
    await expect.poll(async () => world.noted("some"), waiting).toEqual(["1"]);
  });
});

describe("an event of a consumer that may be repeated", () => {
  let refused: string | undefined;
  let inTransaction: boolean[] = [];
  /** Keeps the newest version of each key, which are the two parts of a text. */
  const newest = repeatable(StringValueSchema, "newest", async (db, { value }) => {
    if (value === refused) throw new Error("refused");
    inTransaction.push(db.isTransaction);
    const [key, version] = value.split(" ");
    await sql`insert into newest values (${key}, ${Number(version)})
      on conflict (key) do update set version = excluded.version
      where newest.version < excluded.version`.execute(db);
  });

  beforeEach(async () => {
    refused = undefined;
    inTransaction = [];
    await sql`create table newest (key text primary key, version int)`.execute(world.db.sql);
  });

  test("O5 has its effect once, in whichever order and however often it comes", async () => {
    world.relay();
    world.listen({ consumers: [newest] });
    await world.say(versions("in-order", [1, 2, 3, 4, 5]));
    await world.say(versions("mixed", [4, 2, 5, 5, 1, 3, 4]), { token: "1" });
    await expect.poll(async () => ended("worked"), waiting).toBe(12);
    const effect = [
      { key: "in-order", version: 5 },
      { key: "mixed", version: 5 },
    ];
    expect(await kept()).toEqual(effect);
    expect(new Set(inTransaction)).toEqual(new Set([false]));
    await world.nats.stop();
    await world.nats.wipe(); // so that all comes again
    await world.nats.start();
    await expect.poll(async () => ended("worked"), waiting).toBe(24);
    expect(await kept()).toEqual(effect);
    expect(await remembered()).toBe(0);
  });

  test("N9 becomes a dead letter after the last attempt, and only one however often it comes", async () => {
    refused = "a 1";
    world.relay();
    world.listen({ consumers: [newest] });
    await world.say(["a 1", "a 2"]);
    await expect.poll(letters, waiting).toMatchObject([{ consumer: "newest", attempts: 3 }]);
    expect(await ended("retried")).toBe(2);
    await again();
    await expect.poll(async () => ended("buried"), waiting).toBe(2);
    expect(await letters()).toHaveLength(1);
    expect(await kept()).toEqual([{ key: "a", version: 2 }]);
  });

  test("is worked on when it is requeued, and a new dead letter when it fails then", async () => {
    refused = "requeued 1";
    world.relay();
    world.listen({ consumers: [newest] });
    await world.say([refused]);
    await expect.poll(letters, waiting).toMatchObject([{ attempts: 3 }]);
    await requeue();
    await expect.poll(letters, waiting).toMatchObject([{ attempts: 4, requeued_at: null }]);
    refused = undefined;
    await requeue();
    await expect.poll(kept, waiting).toEqual([{ key: "requeued", version: 1 }]);
    expect(await letters()).toEqual([]);
  });

  test("L14 waits for a lock that others hold, for more than its attempts", async () => {
    world.relay();
    world.listen({ consumers: [newest] });
    await transaction(world.db, async (tx) => {
      await sql`lock table newest`.execute(tx);
      await world.say(["a 1"]);
      await expect.poll(async () => ended("retried"), waiting).toBeGreaterThanOrEqual(4);
    });
    await expect.poll(kept, waiting).toEqual([{ key: "a", version: 1 }]);
    expect(await letters()).toEqual([]);
  });

  const kept = async () =>
    (await sql`select key, version from newest order by key`.execute(world.db.sql)).rows;
});

const waiting = { timeout: 12_000, interval: 20 };

function versions(key: string, numbers: readonly number[]): string[] {
  return numbers.map((number) => `${key} ${number}`);
}

/** Publishes the first event again, as another message (N5). */
async function again(): Promise<void> {
  const stored = await world.stored();
  const [first] = stored;
  const names = ["mizan-time", "mizan-key"];
  const headers = Object.fromEntries(names.map((name) => [name, first!.header(name) ?? ""]));
  const id = `${first!.header("Nats-Msg-Id")}:r1`;
  const message = { stream: STREAM, subject: subject("0"), id, headers, payload: first!.payload };
  await world.bus.publish({ ...message, afterStreamSeq: stored.length });
}

async function ended(outcome: string): Promise<number> {
  return world.metric("mizan_events_consumed_total", { outcome });
}

/** How many events the inbox has. */
async function remembered(): Promise<number> {
  const count = sql<{ count: number }>`select count(*) as count from inbox`;
  return (await count.execute(world.db.sql)).rows[0]!.count;
}

async function letters() {
  const open = sql<{ attempts: number }>`select * from dead_letter where closed_at is null`;
  return (await open.execute(world.db.sql)).rows;
}

async function requeue() {
  await sql`update dead_letter set requeued_at = now()`.execute(world.db.sql);
}

/** How many events the broker has given out without being told how they ended. */
async function unanswered(name: string): Promise<number> {
  const connection = await connect({ servers: new URL(world.nats.url).host });
  const manager = await jetstreamManager(connection);
  const { num_ack_pending: count } = await manager.consumers.info(STREAM, `test-${name}`);
  await connection.close();
  return count;
}
