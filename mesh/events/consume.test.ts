import { Code, ConnectError } from "@connectrpc/connect";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { sql } from "kysely";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { newId } from "../ids.ts";
import { type EventWorld, eventWorld, STREAM, subject } from "../testing/event-world.ts";
import type { EventMeta } from "./consumer.ts";

vi.setConfig({ testTimeout: 20_000 });

let world: EventWorld;
beforeEach(async () => {
  world = await eventWorld();
  return async () => world[Symbol.asyncDispose]();
});

describe("startConsumers()", () => {
  test("has the effect of each event once, in the order of a subject", async () => {
    const metas: EventMeta[] = [];
    world.relay();
    world.listen({ before: async (_, meta) => void metas.push(meta) });
    await world.say(texts(20), { key: "k", seq: 3 });
    await expect.poll(async () => world.noted(), waiting).toEqual(texts(20));
    expect(metas[0]).toMatchObject({ key: "k", seq: 3, subject: subject("0") });
    expect(Math.abs(Date.now() - metas[0]!.atMs)).toBeLessThan(10_000);
  });

  test("gives every consumer its own copy", async () => {
    world.relay();
    world.listen({ names: ["notes", "others"] });
    await world.say(["1"]);
    await expect.poll(async () => world.noted(), waiting).toEqual(["1"]);
    await expect.poll(async () => world.noted("others"), waiting).toEqual(["1"]);
  });

  test("N4, O5: an event that comes again has no effect, however late", async () => {
    world.relay();
    world.listen();
    await world.say(["1"]);
    await expect.poll(async () => world.noted(), waiting).toEqual(["1"]);
    const [first] = await world.stored();
    const headers = headersOf(first!);
    const id = `${first!.header("Nats-Msg-Id")}:r1`;
    const { payload } = first!;
    const again = { stream: STREAM, subject: subject("0"), id, headers, payload };
    await world.bus.publish({ ...again, afterStreamSeq: 1 });
    await world.say(["2"]);
    await expect.poll(async () => world.noted(), waiting).toEqual(["1", "2"]);
    expect(await world.stored()).toHaveLength(3);
  });

  test("two processes share the events of a consumer", async () => {
    world.relay();
    world.listen();
    world.listen();
    await world.say(texts(50));
    await expect
      .poll(async () => (await world.noted()).toSorted(), waiting)
      .toEqual(texts(50).toSorted());
  });

  test("works on what it has taken before it stops, in order", async () => {
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    world.relay();
    const first = world.listen({
      before: async (text) => {
        if (text === "5") begun.resolve();
        await end.promise;
      },
    });
    await world.say(texts(4));
    await world.say(["5"], { token: "1" });
    await begun.promise;
    const stopped = first[Symbol.asyncDispose]();
    await world.say(["6"]);
    end.resolve();
    await stopped;
    expect(await world.noted()).toHaveLength(5);
    world.listen();
    await expect.poll(async () => world.noted(), waiting).toHaveLength(6);
    expect((await world.noted()).filter((text) => text !== "5")).toEqual(["1", "2", "3", "4", "6"]);
  });

  test("refuses two consumers of one name", () => {
    expect(() => world.listen({ names: ["a", "a"] })).toThrow("two consumers have the same name");
  });
});

describe("N9, N10: an event that can't be worked on", () => {
  test("comes again after a while, and others go on", async () => {
    let failures = 0;
    world.relay();
    world.listen({
      before: async (text) => {
        if (text === "1" && failures++ < 2) throw new Error("not now");
      },
    });
    await world.say(["1", "2"]);
    await expect.poll(async () => world.noted(), waiting).toEqual(["2", "1"]);
    expect(await letters()).toEqual([]);
  });

  test("becomes a dead letter after the last attempt, and is not worked on again", async () => {
    world.relay();
    world.listen({ before: refuse("1") });
    await world.say(["1", "2"]);
    await expect
      .poll(letters, waiting)
      .toMatchObject([
        { consumer: "notes", subject: subject("0"), error: "Error: refused", attempts: 3 },
      ]);
    await expect.poll(unanswered, waiting).toBe(0);
    await world.nats.kill();
    await world.nats.start();
    await world.say(["3"]);
    await expect.poll(async () => world.noted(), waiting).toEqual(["2", "3"]);
    expect(await letters()).toHaveLength(1);
  });

  test("does not become one for what is no fault of its own", async () => {
    let away = 6;
    world.relay();
    world.listen({
      before: async () => {
        if (away-- > 0) throw new ConnectError("billing is away", Code.Unavailable);
      },
    });
    await world.say(["1"]);
    await expect.poll(async () => world.noted(), waiting).toEqual(["1"]);
    expect(await letters()).toEqual([]);
  });

  test.each([
    ["whose payload is no message", { "mizan-time": "1", "mizan-key": "k" }, [255, 255]],
    ["without its headers", {}, [10, 1, 49]],
    ["with a time that is none", { "mizan-time": "soon", "mizan-key": "k" }, [10, 1, 49]],
  ])("becomes one at once: %s", async (_, headers, bytes) => {
    world.relay();
    world.listen();
    await expect.poll(async () => world.metric("mizan_relay_blocked"), waiting).toBe(0);
    await world.say(["1"]);
    await expect.poll(async () => world.noted(), waiting).toEqual(["1"]);
    const payload = Uint8Array.from(bytes);
    const message = { stream: STREAM, subject: subject("0"), id: newId(), headers, payload };
    await world.bus.publish({ ...message, afterStreamSeq: 1 });
    await expect.poll(letters, waiting).toMatchObject([{ attempts: 1, event_id: message.id }]);
    await world.say(["2"]);
    await expect.poll(async () => world.noted(), waiting).toEqual(["1", "2"]);
  });

  test("is worked on when it is requeued, once", async () => {
    let fixed = false;
    world.relay();
    world.listen({ before: async (...event) => (fixed ? undefined : refuse("1")(event[0])) });
    await world.say(["1"]);
    await expect.poll(letters, waiting).toHaveLength(1);
    fixed = true;
    await requeue();
    await expect.poll(async () => world.noted(), waiting).toEqual(["1"]);
    expect(await letters()).toEqual([]);
  });

  test("becomes a new dead letter when it fails again after it was requeued", async () => {
    world.relay();
    world.listen({ before: refuse("1") });
    await world.say(["1"]);
    await expect.poll(letters, waiting).toHaveLength(1);
    const [first] = await letters();
    await requeue();
    await expect.poll(letters, waiting).toMatchObject([{ attempts: 4, requeued_at: null }]);
    expect((await letters())[0]!.id).not.toBe(first!.id);
  });
});

describe("the broker may", () => {
  test("N13: be killed again and again: every event has its effect once", async () => {
    world.relay();
    world.listen();
    const said = world.say(texts(200));
    for (const share of [40, 120]) {
      await expect.poll(async () => (await world.noted()).length, waiting).toBeGreaterThan(share);
      await world.nats.kill();
      await world.nats.start();
    }
    await said;
    await expect.poll(async () => world.noted(), waiting).toHaveLength(200);
    expect((await world.noted()).toSorted()).toEqual(texts(200).toSorted());
  });

  test("N2: lose its store: consumers get all again and have their effects once", async () => {
    world.relay();
    world.listen();
    await world.say(texts(50));
    await expect.poll(async () => world.noted(), waiting).toEqual(texts(50));
    await world.nats.stop();
    await world.nats.wipe();
    await world.say(["51"]);
    await world.nats.start();
    await expect.poll(async () => world.noted(), waiting).toEqual(texts(51));
    await expect.poll(async () => (await world.stored()).length, waiting).toBe(51);
    await expect.poll(async () => seen(), waiting).toBe(50);
    expect(await world.noted()).toEqual(texts(51));
  });

  test("N2: come back with an older store: what is missing arrives, effects stay single", async () => {
    world.relay();
    world.listen();
    await world.say(texts(10));
    await expect.poll(async () => world.noted(), waiting).toEqual(texts(10));
    await world.nats.stop();
    const rollBack = await world.nats.snapshot();
    await world.nats.start();
    await world.say(texts(10, 11));
    await expect.poll(async () => world.noted(), waiting).toEqual(texts(20));
    await world.nats.stop();
    await rollBack();
    await world.nats.start();
    await world.say(["21"]);
    await expect.poll(async () => world.noted(), waiting).toEqual(texts(21));
    expect(await world.stored()).toHaveLength(21);
  });

  test("N12: be away while everything starts", async () => {
    await world.nats.stop();
    world.relay();
    world.listen();
    await world.say(["1"]);
    await world.nats.start();
    await expect.poll(async () => world.noted(), waiting).toEqual(["1"]);
  });
});

const waiting = { timeout: 12_000, interval: 20 };

function texts(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, at) => String(from + at));
}

function refuse(refused: string) {
  return async (text: string) => {
    if (text === refused) throw new Error("refused");
  };
}

function headersOf(message: { header: (name: string) => string | undefined }) {
  const names = ["mizan-time", "mizan-key", "content-type", "mizan-offset"];
  return Object.fromEntries(names.map((name) => [name, message.header(name) ?? ""]));
}

type Letter = {
  readonly id: string;
  readonly event_id: string;
  readonly attempts: number;
  readonly requeued_at: Date | null;
};

async function letters(): Promise<Letter[]> {
  const open = sql<Letter>`select * from dead_letter where closed_at is null order by created_at`;
  return (await open.execute(world.db.sql)).rows;
}

/** How many events the broker has given out without being told how they ended. */
async function unanswered(): Promise<number> {
  const connection = await connect({ servers: new URL(world.nats.url).host });
  const manager = await jetstreamManager(connection);
  const { num_ack_pending: count } = await manager.consumers.info(STREAM, "test-notes");
  await connection.close();
  return count;
}

async function requeue() {
  await sql`update dead_letter set requeued_at = now()`.execute(world.db.sql);
}

async function seen(): Promise<number> {
  return world.metric("mizan_events_consumed_total", { outcome: "seen" });
}
