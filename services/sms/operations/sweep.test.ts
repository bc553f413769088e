import { sql } from "kysely";
import { createTelemetry } from "#mesh/telemetry.ts";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { ClaimedTask } from "./claim-tasks.ts";
import type { SmsProvider } from "../providers/provider.ts";
import { lookAt, makeDue, queuedChunk, stepsOf, tasksOf } from "../testing/queued-chunk.ts";
import { fromPointer } from "../events.ts";
import { testSms } from "../testing/test-sms.ts";
import { claimTasks } from "./claim-tasks.ts";
import { measureQueues } from "./measure-queues.ts";
import { recordOutcomes } from "./record-outcomes.ts";
import { resolveUncertain } from "./resolve-uncertain.ts";
import { sweepLeases } from "./sweep-leases.ts";
import { sweepQueued } from "./sweep-queued.ts";

const world = await testSms({ terms: { askAgainMs: { EXPRESS: 50, BULK: 80 } } });
const { sms, magfa } = world;
const { signal } = new AbortController();

afterAll(async () => world[Symbol.asyncDispose]());

afterEach(async () => {
  magfa.reset();
  await sql`delete from task`.execute(sms.db.sql);
  await pointed();
});

/** Which tasks the broker is to point to, since the last time this was asked. */
async function pointed(): Promise<string[]> {
  const { rows } = await sql<{ payload: Buffer }>`
    with gone as (delete from outbox where stream in ('SMS_EXPRESS', 'SMS_BULK') returning *)
    select payload from gone order by id`.execute(sms.db.sql);
  return rows.flatMap(({ payload }) => fromPointer(payload));
}

async function take(chunkId: string): Promise<ClaimedTask> {
  const [row] = await tasksOf(world, chunkId);
  const { tasks } = await claimTasks(sms, [row!.id], 100);
  return tasks[0]!;
}

/** Sends a task for real. */
async function submit({ texts }: ClaimedTask) {
  return sms.provider.submit(texts, signal);
}

/** Makes the last attempt of a chunk so old that its submit can't arrive any more. */
async function age(chunkId: string, ms = sms.provider.caps.timeoutMs): Promise<void> {
  await sql`update task set taken_at = taken_at - ${ms} * interval '1 ms'
    where chunk_id = ${chunkId}`.execute(sms.db.sql);
}

/** An attempt whose answer was lost, after which the message is in doubt. */
async function doubted(options: Parameters<typeof queuedChunk>[1] = {}) {
  const chunk = await queuedChunk(world, options);
  const task = await take(chunk.chunkId);
  await recordOutcomes(sms, [{ task, outcomes: await submit(task) }]);
  expect(await lookAt(world, chunk.messageIds)).toMatchObject(
    chunk.messageIds.map(() => ({ state: "UNCERTAIN" })),
  );
  await pointed();
  return { ...chunk, refs: task.texts.map(({ ref }) => ref) };
}

describe("sweepQueued()", () => {
  test("Q-1 puts tasks into their lanes again that nobody took in time", async () => {
    const lost = await queuedChunk(world);
    const fresh = await queuedChunk(world);
    await pointed(); // as if the broker had lost them
    expect(await sweepQueued(sms)).toBeUndefined();
    expect(await pointed()).toEqual([]);
    await makeDue(world, lost.chunkId);
    await sweepQueued(sms);
    expect(await pointed()).toEqual([lost.taskId]);
    const [row] = await tasksOf(world, lost.chunkId);
    expect(row!.in_ms).toBeGreaterThan(sms.terms.requeueMs - 10_000);
    expect(await tasksOf(world, fresh.chunkId)).toMatchObject([{ stage: "QUEUED" }]);
  });

  test("M23 what is still queued after its validity expires and is released", async () => {
    const chunk = await queuedChunk(world, { prices: [5n, 6n], validityMs: -1 });
    await pointed();
    await makeDue(world, chunk.chunkId);
    await sweepQueued(sms);
    expect(await pointed()).toEqual([]);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "EXPIRED", charge: "RELEASED" },
      { state: "EXPIRED", charge: "RELEASED" },
    ]);
    expect(await stepsOf(world, chunk.chunkId)).toEqual(["RELEASE"]);
    expect(await tasksOf(world, chunk.chunkId)).toEqual([]);
  });

  test("ST-3 looks again when the first of them has to expire", async () => {
    const chunk = await queuedChunk(world, { validityMs: 5000 });
    await makeDue(world, chunk.chunkId);
    await sweepQueued(sms);
    expect((await tasksOf(world, chunk.chunkId))[0]!.in_ms).toBeLessThanOrEqual(5000);
  });

  test("points to what is queued of a task, when the rest of it was sent and keeps the task", async () => {
    const chunk = await queuedChunk(world, { prices: [1n, 2n, 3n] });
    await sql`update message set state = 'SENT'
      where id = any(${chunk.messageIds.slice(1)}::uuid[])`.execute(sms.db.sql);
    await pointed();
    await makeDue(world, chunk.chunkId);
    await sweepQueued(sms);
    const { rows } = await sql<{ id: string; stage: string }>`
      select id, stage from task where chunk_id = ${chunk.chunkId}`.execute(sms.db.sql);
    expect(rows.map(({ stage }) => stage).toSorted()).toEqual(["QUEUED", "SENT"]);
    expect(await pointed()).toEqual([rows.find(({ stage }) => stage === "QUEUED")!.id]);
  });

  test("two sweepers point to a task once", async () => {
    const chunk = await queuedChunk(world);
    await pointed();
    await makeDue(world, chunk.chunkId);
    await Promise.all(Array.from({ length: 4 }, async () => sweepQueued(sms)));
    expect(await pointed()).toEqual([chunk.taskId]);
  });
});

describe("resolveUncertain()", () => {
  test("M14 an answer that was lost is found by our reference, and nothing is sent twice", async () => {
    magfa.control({ script: { fault: "lost" } });
    const chunk = await doubted({ lane: "EXPRESS" });
    await resolveUncertain(sms, "EXPRESS", signal);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "SENT", charge: "CAPTURED", provider_id: expect.stringMatching(/^\d+$/) },
    ]);
    expect(await stepsOf(world, chunk.chunkId)).toEqual(["CAPTURE 100"]);
    expect(await tasksOf(world, chunk.chunkId)).toMatchObject([{ stage: "SENT" }]);
    expect(magfa.received({ uid: chunk.refs[0]! }).count).toBe(1);
  });

  test("M15 FO-4 what is not found twice is queued again, and sent exactly once", async () => {
    magfa.control({ script: { fault: "reset" } });
    const chunk = await doubted();
    magfa.reset();
    await age(chunk.chunkId);
    await resolveUncertain(sms, "BULK", signal);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "UNCERTAIN" }]);
    await resolveUncertain(sms, "BULK", signal); // too early: it is not asked
    expect(await tasksOf(world, chunk.chunkId)).toMatchObject([{ stage: "UNCERTAIN" }]);
    await makeDue(world, chunk.chunkId);
    await resolveUncertain(sms, "BULK", signal);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "QUEUED" }]);
    expect(await pointed()).toEqual([chunk.taskId]);
    const task = await take(chunk.chunkId);
    await recordOutcomes(sms, [{ task, outcomes: await submit(task) }]);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "SENT", attempts: 2 }]);
    expect(magfa.received({ uid: chunk.refs[0]! }).count).toBe(1);
  });

  test("FO-4 not found counts for nothing while the submit may still arrive", async () => {
    magfa.control({ script: { fault: "reset" } });
    const chunk = await doubted();
    magfa.reset();
    for (let times = 0; times < 3; times += 1) {
      await makeDue(world, chunk.chunkId);
      await resolveUncertain(sms, "BULK", signal);
    }
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "UNCERTAIN" }]);
  });

  test("FO-4 the time of a submit begins with its call, and not when it was taken", async () => {
    const chunk = await queuedChunk(world);
    const task = await take(chunk.chunkId);
    await age(chunk.chunkId); // it waited for its turn
    const submitted = { task, outcomes: [{ kind: "UNKNOWN", code: "TIMEOUT" }] } as const;
    const { timeoutMs } = sms.provider.caps;
    const ask = async () => {
      for (let times = 0; times < 2; times += 1) {
        await makeDue(world, chunk.chunkId);
        await resolveUncertain(sms, "BULK", signal);
      }
      return lookAt(world, chunk.messageIds);
    };
    await recordOutcomes(sms, [{ ...submitted, calledAtMs: performance.now() - timeoutMs / 4 }]);
    await age(chunk.chunkId, timeoutMs / 4);
    expect(await ask()).toMatchObject([{ state: "UNCERTAIN" }]);
    await age(chunk.chunkId, timeoutMs / 2);
    expect(await ask()).toMatchObject([{ state: "QUEUED" }]);
  });

  test("FO-3 asks at growing intervals while nobody answers, and sends nothing", async () => {
    magfa.control({ script: { fault: "lost" } });
    const chunk = await doubted();
    magfa.control({ down: { mode: "http503", ms: 60_000 } });
    await age(chunk.chunkId);
    const pauses: number[] = [];
    for (let times = 0; times < 4; times += 1) {
      await makeDue(world, chunk.chunkId);
      await resolveUncertain(sms, "BULK", signal);
      pauses.push((await tasksOf(world, chunk.chunkId))[0]!.in_ms);
    }
    for (const [at, ms] of pauses.entries()) expect(ms).toBeLessThanOrEqual(80 * 2 ** at);
    expect(pauses[3]).toBeGreaterThan(pauses[0]!);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "UNCERTAIN" }]);
    expect(magfa.received({ uid: chunk.refs[0]! }).count).toBe(1);
  });

  test("judges each message of a chunk for itself", async () => {
    const receivers = ["989121110001", "989121110002"];
    const chunk = await queuedChunk(world, { prices: [1n, 2n], receivers });
    const task = await take(chunk.chunkId);
    await sms.provider.submit([task.texts[0]!], signal); // only the first arrived
    await makeDue(world, chunk.chunkId);
    await sweepLeases(sms);
    await age(chunk.chunkId);
    await resolveUncertain(sms, "BULK", signal);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "SENT", charge: "CAPTURED" },
      { state: "UNCERTAIN", charge: "CAPTURED" },
    ]);
    expect(await tasksOf(world, chunk.chunkId)).toHaveLength(2);
    await makeDue(world, chunk.chunkId);
    await resolveUncertain(sms, "BULK", signal);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "SENT" },
      { state: "QUEUED" },
    ]);
    expect(await stepsOf(world, chunk.chunkId)).toEqual(["CAPTURE 3"]);
  });

  test("what is not found after its validity expires, and what can't be found out fails", async () => {
    magfa.control({ script: { fault: "reset" } });
    const late = await doubted();
    const hopeless = await doubted();
    magfa.reset();
    await sql`update message set expires_at = now() where id = ${late.messageIds[0]}`.execute(
      sms.db.sql,
    );
    await age(late.chunkId);
    await age(hopeless.chunkId, sms.terms.unknownOutcomeMs);
    for (let times = 0; times < 2; times += 1) {
      await makeDue(world, late.chunkId);
      await resolveUncertain(sms, "BULK", signal);
    }
    expect(await lookAt(world, [...late.messageIds, ...hopeless.messageIds])).toMatchObject([
      { state: "EXPIRED", charge: "RELEASED" },
      { state: "FAILED", failure: "UNKNOWN_OUTCOME", charge: "RELEASED" },
    ]);
    expect(await pointed()).toEqual([]);
  });

  test("an answer that comes when others have asked again counts for nothing", async () => {
    magfa.control({ script: { fault: "reset" } });
    const chunk = await doubted();
    magfa.reset();
    await age(chunk.chunkId);
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const slow: SmsProvider = {
      ...sms.provider,
      lookup: async (refs) => {
        asked.resolve();
        await answer.promise;
        return refs.map(() => ({ kind: "NOT_FOUND" }));
      },
    };
    const late = resolveUncertain({ ...sms, provider: slow }, "BULK", signal);
    await asked.promise;
    await makeDue(world, chunk.chunkId);
    await resolveUncertain(sms, "BULK", signal);
    answer.resolve();
    await late;
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "UNCERTAIN" }]);
    const { rows } = await sql`select asked, not_found from task
      where chunk_id = ${chunk.chunkId}`.execute(sms.db.sql);
    expect(rows).toEqual([{ asked: 2, not_found: 1 }]);
  });

  test("two that ask at the same time count one answer", async () => {
    magfa.control({ script: { fault: "reset" } });
    const chunk = await doubted();
    magfa.reset();
    await age(chunk.chunkId);
    await Promise.all(Array.from({ length: 4 }, async () => resolveUncertain(sms, "BULK", signal)));
    const { rows } = await sql`select asked, not_found from task
      where chunk_id = ${chunk.chunkId}`.execute(sms.db.sql);
    expect(rows).toEqual([{ asked: 1, not_found: 1 }]);
  });
});

describe("measureQueues()", () => {
  test("REP-3 shows how long the oldest task of each lane waits", async () => {
    await queuedChunk(world, { lane: "EXPRESS" });
    await sql`update task set id = first_id(now() - interval '90 s')`.execute(sms.db.sql);
    await queuedChunk(world, { lane: "EXPRESS" });
    using telemetry = createTelemetry("test");
    await measureQueues({ ...sms, metrics: telemetry });
    const { text } = await telemetry.page();
    const seconds = valueOf(text, "mizan_sms_queue_age_seconds", "EXPRESS");
    expect(seconds).toBeGreaterThan(89);
    expect(seconds).toBeLessThan(120);
    expect(valueOf(text, "mizan_sms_queued_tasks", "EXPRESS")).toBe(2);
    expect(valueOf(text, "mizan_sms_queue_age_seconds", "BULK")).toBe(0);
  });
});

/** A value as an operator sees it. */
function valueOf(page: string, metric: string, lane: string): number {
  return Number(new RegExp(`^${metric}{lane="${lane}"[^}]*} (.*)$`, "m").exec(page)?.[1]);
}

describe("sweepLeases()", () => {
  test("FO-2 an attempt whose worker died is doubted, asked for, and not sent again", async () => {
    const chunk = await queuedChunk(world);
    const task = await take(chunk.chunkId);
    await submit(task); // and then the worker dies
    await sweepLeases(sms);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "SENDING" }]);
    await makeDue(world, chunk.chunkId);
    await sweepLeases(sms);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "UNCERTAIN" }]);
    expect(await pointed()).toEqual([chunk.taskId]);
    await resolveUncertain(sms, "BULK", signal);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "SENT", attempts: 1 }]);
    expect(magfa.received({ uid: task.texts[0]!.ref }).count).toBe(1);
  });
});
