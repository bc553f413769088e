import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { newId } from "../ids.ts";
import { BROKER_TIMEOUT_MS } from "../limits.ts";
import { testNats, type TestNats } from "../testing/nats.ts";
import { connectBus, type Bus } from "./bus.ts";
import type { Delivery } from "./bus-pull.ts";
import { isFull } from "./bus-publish.ts";

const log = createLog({ name: "test", level: "fatal" });
vi.setConfig({ testTimeout: 20_000 });

let nats: TestNats;
let bus: Bus;
beforeAll(async () => {
  nats = await testNats();
  bus = await connectBus({ url: nats.url, name: "test", log });
});
afterAll(async () => {
  await bus[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

describe("publish()", () => {
  test("gives messages their numbers in the order of the calls", async () => {
    const stream = await newStream();
    const sent = [0, 1, 2, 3].map(async (at) => bus.publish(message(stream, at)));
    const answers = await Promise.all(sent);
    expect(answers.map(({ streamSeq }) => streamSeq)).toEqual([1, 2, 3, 4]);
  });

  test("N4: says that the broker has the id already", async () => {
    const stream = await newStream();
    const first = message(stream, 0);
    await bus.publish(first);
    await expect(bus.publish({ ...first, afterStreamSeq: 1 })).resolves.toEqual({
      streamSeq: 1,
      duplicate: true,
    });
  });

  test("is refused after another message than the expected one, and so is what follows", async () => {
    const stream = await newStream();
    await bus.publish(message(stream, 0));
    const sent = [5, 6].map(async (at) => bus.publish(message(stream, at)));
    const answers = await Promise.allSettled(sent);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(bus.ensureStream({ name: stream, subjects: [] })).resolves.toMatchObject({
      lastSeq: 1,
    });
  });

  test("N8: a full stream refuses what is new and keeps what it has", async () => {
    const stream = await newStream({ maxBytes: 2000 });
    const payload = new Uint8Array(1000);
    await bus.publish({ ...message(stream, 0), payload });
    const refused = await bus.publish({ ...message(stream, 1), payload }).catch((error) => error);
    expect(isFull(refused)).toBe(true);
    expect((await bus.messageAt(stream, 1))?.subject).toBe(`${stream}.a`);
  });
});

describe("ensureStream()", () => {
  test("brings the bounds up to date for the owner alone", async () => {
    const name = await newStream();
    const before = await bus.ensureStream({ name, subjects: [`${name}.>`], maxBytes: 5000 });
    const after = await bus.ensureStream({ name, subjects: [`${name}.>`], maxBytes: 5000 }, true);
    expect(after).toEqual(before);
    const payload = new Uint8Array(6000);
    await expect(bus.publish({ ...message(name, 0), payload })).rejects.toThrow("maximum bytes");
  });
});

describe("lastOf()", () => {
  test("finds the last message of a subject with its headers", async () => {
    const stream = await newStream();
    await bus.publish({ ...message(stream, 0), headers: { "mizan-seq": "7" } });
    await bus.publish({ ...message(stream, 1), subject: `${stream}.b` });
    const found = await bus.lastOf(stream, `${stream}.a`);
    expect(found?.streamSeq).toBe(1);
    expect(found?.header("mizan-seq")).toBe("7");
    expect(found?.header("mizan-key")).toBeUndefined();
    expect(await bus.lastOf(stream, `${stream}.c`)).toBeUndefined();
  });
});

describe("pull()", () => {
  test("gives each message once that was acknowledged, and N10: others after the delay", async () => {
    const stream = await newStream();
    const taken: string[] = [];
    const take = (delivery: Delivery) => {
      taken.push(`${delivery.streamSeq}/${delivery.attempt}`);
      if (delivery.streamSeq === 1 && delivery.attempt === 1) delivery.retry(100);
      else delivery.ack();
    };
    await using ends = new AsyncDisposableStack();
    ends.use(await bus.pull({ name: "a", stream, subject: `${stream}.a` }, take));
    await bus.publish(message(stream, 0));
    await bus.publish(message(stream, 1));
    await vi.waitFor(() => expect(taken).toEqual(["1/1", "2/1", "1/2"]));
  });

  test("N13: ends by itself when the stream is gone", async () => {
    const stream = await newStream();
    await using pull = await bus.pull({ name: "a", stream, subject: `${stream}.a` }, () => {});
    await nats.stop();
    await nats.wipe();
    await nats.start();
    expect(await pull.ended).toMatch(/not_found|no_responders/);
  });
});

describe("connectBus()", () => {
  test("N12: outlives a broker that is away and says so", async () => {
    const connected = vi.fn<() => void>();
    using ends = new DisposableStack();
    ends.use(bus.onConnect(connected));
    await nats.kill();
    await vi.waitFor(() => expect(bus.connected).toBe(false));
    await expect(bus.lastOf("A", "a")).rejects.toThrow("the broker is away");
    await nats.start();
    await vi.waitFor(() => expect(bus.connected).toBe(true), 5000);
    expect(connected).toHaveBeenCalledOnce();
  });

  test("N12: tries on after more failures than the client bears by default", async () => {
    await nats.kill();
    let tries = 0;
    const refuses = createServer((socket) => {
      tries += 1;
      socket.destroy();
    });
    refuses.listen(Number(new URL(nats.url).port), "127.0.0.1");
    await expect.poll(() => tries, { timeout: 10_000 }).toBeGreaterThan(11);
    refuses.close();
    await nats.start();
    await expect.poll(() => bus.connected, { timeout: 5000 }).toBe(true);
  });

  test("N12: starts without a broker and finds it later; can be given up before", async () => {
    await using later = await testNats();
    await later.stop();
    const url = later.url;
    const patient = connectBus({ url, name: "test", log });
    const givenUp = await connectBus({ url, name: "test", log });
    await givenUp[Symbol.asyncDispose]();
    await using waiting = await patient;
    expect(waiting.connected).toBe(false);
    await later.start();
    await vi.waitFor(() => expect(waiting.connected).toBe(true), 5000);
  });

  test("what is under way when the broker goes away fails at once", async () => {
    const stream = await newStream();
    const sent = Array.from({ length: 200 }, async (_, at) => bus.publish(message(stream, at)));
    const settled = Promise.allSettled(sent);
    await nats.kill();
    const startMs = performance.now();
    const failed = (await settled).filter(({ status }) => status === "rejected");
    await expect(bus.publish(message(stream, 1))).rejects.toThrow("the broker is away");
    expect(performance.now() - startMs).toBeLessThan(BROKER_TIMEOUT_MS / 2);
    expect(failed.length).toBeGreaterThan(0);
    await nats.start();
  });
});

async function newStream({ maxBytes = 1024 * 1024 } = {}): Promise<string> {
  const name = `S${newId().slice(-12)}`;
  await vi.waitFor(async () => {
    await bus.ensureStream({ name, subjects: [`${name}.>`], maxBytes });
  }, 5000);
  return name;
}

function message(stream: string, afterStreamSeq: number) {
  const subject = `${stream}.a`;
  return { stream, subject, id: newId(), headers: {}, payload: new Uint8Array(8), afterStreamSeq };
}
