import { sql } from "kysely";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { transaction } from "#mesh/database/transaction.ts";
import { connectBus } from "#mesh/events/bus.ts";
import type { MessageState } from "../domain/message.ts";
import { tasksQueued } from "../events.ts";
import type { SmsProvider } from "../providers/provider.ts";
import {
  lookAt,
  makeDue,
  type QueuedChunk,
  queuedChunk,
  queuedChunks,
  stepsOf,
} from "../testing/queued-chunk.ts";
import { testLanes } from "../testing/test-lanes.ts";

const world = await testLanes({
  terms: {
    leaseMs: 6000,
    retryMs: 100,
    requeueMs: 60_000,
    askAgainMs: { EXPRESS: 50, BULK: 100 },
  },
});
const { sms, magfa } = world;

afterAll(async () => world[Symbol.asyncDispose]());

let open = new AsyncDisposableStack();
const serve = (...given: Parameters<typeof world.serve>) => open.use(world.serve(...given));
const sweep = () => open.use(world.sweep());

afterEach(async () => {
  await open.disposeAsync();
  open = new AsyncDisposableStack();
  magfa.reset();
  await sql`delete from task`.execute(sms.db.sql);
});

const patient = { timeout: 20_000 };

const statesOf = async ({ messageIds }: QueuedChunk): Promise<MessageState[]> =>
  (await lookAt(world, messageIds)).map(({ state }) => state);

/** Waits until all messages of chunks are in a state. */
async function reach(state: MessageState, ...chunks: readonly QueuedChunk[]): Promise<void> {
  const messageIds = chunks.flatMap((chunk) => chunk.messageIds);
  await expect
    .poll(async () => (await lookAt(world, messageIds)).filter((one) => one.state !== state), {
      timeout: 15_000,
    })
    .toEqual([]);
}

/** How often the provider has each message of a chunk. */
async function copiesOf({ messageIds }: QueuedChunk): Promise<(number | undefined)[]> {
  const seen = await lookAt(world, messageIds);
  return seen.map(({ ref }) => magfa.received({ uid: BigInt(ref) }).count);
}

describe("startLane()", () => {
  test("hands messages over once, and many single ones in few calls", patient, async () => {
    const chunks = await queuedChunks(world, 40, { lane: "EXPRESS" });
    const before = magfa.received().calls.submits;
    serve("EXPRESS");
    await reach("SENT", ...chunks);
    expect(magfa.received().calls.submits - before).toBeLessThan(30);
    for (const chunk of chunks) {
      expect(await copiesOf(chunk)).toEqual([1]);
      expect(await stepsOf(world, chunk.chunkId)).toEqual(["CAPTURE 100"]);
    }
  });

  test("a chunk is one call, whose mixed answer is judged text by text", patient, async () => {
    const prices = Array.from({ length: 100 }, () => 3n);
    const receivers = prices.map((_, at) => `98913000${String(at).padStart(4, "0")}`);
    const rules = [
      { recipient: receivers[0]!, status: 27 },
      { recipient: receivers[1]!, status: 1 },
    ];
    magfa.control({ rules });
    const chunk = await queuedChunk(world, { prices, receivers });
    const before = magfa.received().calls.submits;
    serve("BULK");
    await expect.poll(async () => statesOf(chunk), patient).not.toContain("QUEUED");
    await expect.poll(async () => statesOf(chunk), patient).not.toContain("SENDING");
    const [first, second, ...others] = await lookAt(world, chunk.messageIds);
    expect(first).toMatchObject({ state: "FAILED", failure: "OPERATOR_BLACKLIST" });
    expect(second).toMatchObject({ state: "FAILED", failure: "INVALID_NUMBER" });
    expect(new Set(others.map(({ state }) => state))).toEqual(new Set(["SENT"]));
    expect(magfa.received().calls.submits - before).toBe(1);
    expect(await stepsOf(world, chunk.chunkId)).toEqual(["CAPTURE 294"]);
  });

  test("M14 an answer that is lost is asked for, and counted once", patient, async () => {
    magfa.control({ rules: [{ fault: "lost", calls: 1 }] });
    const chunk = await queuedChunk(world, { lane: "EXPRESS" });
    serve("EXPRESS");
    sweep();
    await reach("SENT", chunk);
    expect(await copiesOf(chunk)).toEqual([1]);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ attempts: 1 }]);
  });

  test(
    "M15 a submit that never arrived is found missing, and sent again once",
    patient,
    async () => {
      magfa.control({ rules: [{ fault: "reset", calls: 1 }] });
      const chunk = await queuedChunk(world, { lane: "EXPRESS" });
      serve("EXPRESS");
      sweep();
      await reach("SENT", chunk);
      expect(await copiesOf(chunk)).toEqual([1]);
      expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ attempts: 2 }]);
    },
  );

  test(
    "M16 a worker that dies between answer and record leads to no second submit",
    patient,
    async () => {
      const died = Promise.withResolvers<void>();
      const dead: SmsProvider = {
        ...sms.provider,
        submit: async (texts, signal) => {
          await sms.provider.submit(texts, signal);
          died.resolve();
          return new Promise(() => {}); // and nobody hears of it any more
        },
      };
      const chunk = await queuedChunk(world, { lane: "EXPRESS" });
      const bus = await connectBus({ url: world.nats.url, name: "dead", log: sms.log });
      const worker = world.serve("EXPRESS", { sms: { ...sms, provider: dead }, bus });
      await died.promise;
      void worker[Symbol.asyncDispose](); // never ends, and says nothing any more
      await bus[Symbol.asyncDispose]();
      serve("EXPRESS");
      sweep();
      await pointAgain(chunk);
      await makeDue(world, chunk.chunkId); // the lease is over
      await reach("SENT", chunk);
      expect(await copiesOf(chunk)).toEqual([1]);
      expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ attempts: 1 }]);
      expect(await stepsOf(world, chunk.chunkId)).toEqual(["CAPTURE 100"]);
    },
  );

  test(
    "M23 what can't go in its validity expires, is released, and is never sent",
    patient,
    async () => {
      magfa.control({ down: { mode: "refuse", ms: 4000 } });
      const chunk = await queuedChunk(world, { lane: "EXPRESS", validityMs: 1500 });
      serve("EXPRESS");
      sweep();
      await reach("EXPIRED", chunk);
      expect(await stepsOf(world, chunk.chunkId)).toEqual(["RELEASE"]);
      const later = await queuedChunk(world, { lane: "EXPRESS" });
      await reach("SENT", later); // the provider is back
      expect(await copiesOf(chunk)).toEqual([0]);
    },
  );

  test.each([
    ["away", 14, 3],
    ["busy", 15, 6],
  ])(
    "a message waits for a provider that is %s, fails for nothing, and is told of once",
    patient,
    async (...[, callStatus, calls]) => {
      magfa.control({ rules: [{ callStatus, calls }] });
      const told = world.log.records.length;
      const chunk = await queuedChunk(world, { lane: "BULK" });
      serve("BULK");
      sweep();
      await reach("SENT", chunk);
      expect(await copiesOf(chunk)).toEqual([1]);
      const loud = world.log.records.slice(told).filter(({ level }) => level !== "info");
      expect(loud).toMatchObject([{ level: "warn", code: `${callStatus}` }]);
    },
  );

  test(
    "Q-1 tasks come back when the store of the broker is wiped",
    { timeout: 40_000 },
    async () => {
      const chunks = await queuedChunks(world, 5, { lane: "BULK" });
      await world.nats.stop();
      await world.nats.wipe();
      await sql`delete from outbox where stream = 'SMS_BULK'`.execute(sms.db.sql); // nor the relay
      await world.nats.start();
      sweep();
      serve("BULK");
      for (const { chunkId } of chunks) await makeDue(world, chunkId);
      await reach("SENT", ...chunks);
      for (const chunk of chunks) expect(await copiesOf(chunk)).toEqual([1]);
    },
  );

  test("a worker that stops ends what is under way and gives the rest back", patient, async () => {
    const begun = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const slow: SmsProvider = {
      ...sms.provider,
      submit: async (texts, signal) => {
        begun.resolve();
        await answer.promise;
        return sms.provider.submit(texts, signal);
      },
    };
    const chunk = await queuedChunk(world, { lane: "EXPRESS" });
    const lane = world.serve("EXPRESS", { sms: { ...sms, provider: slow } });
    await begun.promise;
    const stopping = lane[Symbol.asyncDispose]();
    answer.resolve();
    await stopping;
    expect(await statesOf(chunk)).toEqual(["SENT"]);
    const later = await queuedChunk(world, { lane: "EXPRESS" });
    expect(await statesOf(later)).toEqual(["QUEUED"]);
    serve("EXPRESS");
    await reach("SENT", later);
  });

  test("LANE-1 express goes on while all of bulk waits", patient, async () => {
    const answer = Promise.withResolvers<void>();
    const stuck: SmsProvider = {
      ...sms.provider,
      submit: async (texts, signal) => {
        await answer.promise;
        return sms.provider.submit(texts, signal);
      },
    };
    const backlog = await queuedChunks(world, 10, { prices: [1n, 1n] });
    serve("BULK", { sms: { ...sms, provider: stuck } });
    await expect.poll(async () => statesOf(backlog[0]!), patient).toContain("SENDING");
    serve("EXPRESS");
    const chunk = await queuedChunk(world, { lane: "EXPRESS" });
    await reach("SENT", chunk);
    expect((await statesOf(backlog[0]!))[0]).toBe("SENDING");
    answer.resolve();
    await reach("SENT", ...backlog);
  });
});

/** Points to the task of a chunk once more, as the broker does with what nobody acknowledged. */
async function pointAgain({ taskId, accountId }: QueuedChunk): Promise<void> {
  const task = { taskId, accountId, lane: "EXPRESS", provider: sms.provider.name } as const;
  await transaction(sms.db, async (tx) => tasksQueued(tx, [task]));
}
