import { sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import type { Outcome } from "../providers/provider.ts";
import {
  lookAt,
  makeDue,
  queuedChunk,
  queuedChunks,
  stepsOf,
  tasksOf,
} from "../testing/queued-chunk.ts";
import { testSms } from "../testing/test-sms.ts";
import { type ClaimedTask, claimTasks } from "./claim-tasks.ts";
import { recordOutcomes } from "./record-outcomes.ts";
import { sweepLeases } from "./sweep-leases.ts";

const world = await testSms();
const { sms } = world;

afterAll(async () => world[Symbol.asyncDispose]());

/** Takes the tasks of a chunk, whatever they wait for. */
async function take(chunkId: string): Promise<ClaimedTask[]> {
  const ids = (await tasksOf(world, chunkId)).map(({ id }) => id);
  return [...(await claimTasks(sms, ids, 100)).tasks];
}

const record = async (task: ClaimedTask, ...outcomes: Outcome[]) =>
  recordOutcomes(sms, [{ task, outcomes }]);

const accepted = (providerId: string): Outcome => ({ kind: "ACCEPTED", providerId, parts: 1 });
const notSent: Outcome = { kind: "NOT_SENT", code: "ECONNREFUSED" };
const busy: Outcome = { kind: "BUSY", code: "15" };
const unlisted: Outcome = { kind: "UNLISTED", code: "999" };
const unknown: Outcome = { kind: "UNKNOWN", code: "TIMEOUT" };

describe("claimTasks()", () => {
  test("FO-2 takes a task once, and commits that before anybody is called", async () => {
    const { chunkId, taskId, messageIds } = await queuedChunk(world, { prices: [1n, 2n] });
    const claims = await Promise.all(
      Array.from({ length: 4 }, async () => claimTasks(sms, [taskId], 100)),
    );
    const tasks = claims.flatMap((claim) => claim.tasks);
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({ taskId, chunkId, attempt: 1 });
    expect(tasks[0]!.texts.map(({ messageId }) => messageId)).toEqual(messageIds);
    expect(tasks[0]!.texts[0]).toMatchObject({ text: "hello", sender: "3000505", segments: 1 });
    expect(tasks[0]!.texts[0]!.receiver).toMatch(/^\+98912/);
    expect(await lookAt(world, messageIds)).toMatchObject([
      { state: "SENDING", attempts: 1 },
      { state: "SENDING", attempts: 1 },
    ]);
    expect(await tasksOf(world, chunkId)).toMatchObject([{ stage: "SENDING", attempt: 1 }]);
  });

  test("leaves tasks queued that are too many at once", async () => {
    const chunks = await queuedChunks(world, 3, { prices: [1n, 1n] });
    const ids = chunks.map(({ taskId }) => taskId);
    const claim = await claimTasks(sms, ids, 4);
    expect(claim.tasks).toHaveLength(2);
    expect(claim.left).toEqual([ids[2]]);
    expect(await tasksOf(world, chunks[2]!.chunkId)).toMatchObject([{ stage: "QUEUED" }]);
  });

  test("SCH-2 never takes what is past its validity: it expires, and is released", async () => {
    const { chunkId, messageIds } = await queuedChunk(world, { validityMs: -1 });
    expect(await take(chunkId)).toEqual([]);
    expect(await lookAt(world, messageIds)).toMatchObject([
      { state: "EXPIRED", charge: "RELEASED", attempts: 0 },
    ]);
    expect(await stepsOf(world, chunkId)).toEqual(["RELEASE"]);
    expect(await tasksOf(world, chunkId)).toEqual([]);
  });
});

describe("recordOutcomes()", () => {
  test("FO-6 judges each text for itself, and MON-7 their money together", async () => {
    const chunk = await queuedChunk(world, { prices: [1n, 2n, 4n, 8n, 16n] });
    const [task] = await take(chunk.chunkId);
    const bad: Outcome = { kind: "PERMANENT_MESSAGE", failure: "OPERATOR_BLACKLIST", code: "27" };
    await record(task!, accepted("a1"), accepted("a2"), bad, busy, unknown);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "SENT", charge: "CAPTURED", provider_id: "a1" },
      { state: "SENT", charge: "CAPTURED", provider_id: "a2" },
      { state: "FAILED", charge: "RELEASED", failure: "OPERATOR_BLACKLIST" },
      { state: "QUEUED", charge: "CAPTURED" },
      { state: "UNCERTAIN", charge: "CAPTURED" },
    ]);
    expect(await stepsOf(world, chunk.chunkId)).toEqual(["CAPTURE 27"]);
    const tasks = await tasksOf(world, chunk.chunkId);
    const [first, second, , fourth, fifth] = chunk.messageIds;
    expect(tasks).toHaveLength(3);
    expect(tasks[0]).toMatchObject({
      id: chunk.taskId,
      stage: "SENT",
      message_ids: [first, second],
    });
    expect(tasks).toContainEqual(
      expect.objectContaining({ stage: "QUEUED", message_ids: [fourth] }),
    );
    const doubt = tasks.find(({ stage }) => stage === "UNCERTAIN")!;
    expect(doubt).toMatchObject({ message_ids: [fifth], attempt: 1 });
    expect(doubt.in_ms).toBeLessThanOrEqual(0);
  });

  test("a chunk that goes well stays one task, which looks for receipts later", async () => {
    const chunk = await queuedChunk(world, { prices: [1n, 2n] });
    const [task] = await take(chunk.chunkId);
    await record(task!, accepted("b1"), accepted("b2"));
    const [row, ...others] = await tasksOf(world, chunk.chunkId);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ id: chunk.taskId, stage: "SENT", message_ids: null });
    expect(row!.in_ms).toBeGreaterThan(sms.terms.firstPollMs - 10_000);
  });

  test("M5 a task whose messages have all failed is gone, and the hold is released once", async () => {
    const chunk = await queuedChunk(world, { prices: [1n, 2n] });
    const [task] = await take(chunk.chunkId);
    const bad: Outcome = { kind: "PERMANENT_MESSAGE", failure: "INVALID_NUMBER", code: "1" };
    for (let times = 0; times < 5; times += 1) await record(task!, bad, bad);
    expect(await tasksOf(world, chunk.chunkId)).toEqual([]);
    expect(await stepsOf(world, chunk.chunkId)).toEqual(["RELEASE"]);
  });

  test("PROV a wrong request of ours fails with INTERNAL, and somebody is told", async () => {
    const chunk = await queuedChunk(world);
    const [task] = await take(chunk.chunkId);
    await record(task!, { kind: "PERMANENT_REQUEST", code: "101" });
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "FAILED", failure: "INTERNAL", charge: "RELEASED" },
    ]);
    expect(world.log.records).toContainEqual(
      expect.objectContaining({
        detail: "PERMANENT_REQUEST 101",
        msg: "the provider refuses texts",
      }),
    );
  });

  test("PROV a provider that is busy fails no message, until its validity is over", async () => {
    const chunk = await queuedChunk(world, { lane: "BULK", validityMs: 60_000 });
    const told = world.log.records.length;
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      const [task] = await take(chunk.chunkId);
      expect(task!.attempt).toBe(attempt);
      await record(task!, busy);
    }
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "QUEUED", charge: "RESERVED", failure: null, attempts: 9 },
    ]);
    const [row] = await tasksOf(world, chunk.chunkId);
    expect(row!.in_ms).toBeLessThanOrEqual(60_000);
    expect(world.log.records.slice(told)).toEqual([]);
    await sql`update message set expires_at = now() where id = ${chunk.messageIds[0]}`.execute(
      sms.db.sql,
    );
    expect(await take(chunk.chunkId)).toEqual([]);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "EXPIRED", charge: "RELEASED" },
    ]);
  });

  test("ROUTE-5 what is wrong with the provider costs a message no attempt", async () => {
    const chunk = await queuedChunk(world, { lane: "BULK" });
    const parked: Outcome = { kind: "PARK_NO_CREDIT", code: "14" };
    const delays: number[] = [];
    for (const outcome of [
      notSent,
      parked,
      notSent,
      parked,
      { kind: "PARK", code: "17" } as const,
      busy,
    ]) {
      const [task] = await take(chunk.chunkId);
      await record(task!, outcome);
      delays.push((await tasksOf(world, chunk.chunkId))[0]!.in_ms);
    }
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "QUEUED", charge: "RESERVED", failure: null },
    ]);
    for (const [at, ms] of delays.entries()) {
      expect(ms).toBeGreaterThan(sms.terms.retryMs * 2 ** at - 900);
      expect(ms).toBeLessThanOrEqual(sms.terms.retryMs * 2 ** at);
    }
  });

  test("PROV-2 a code that nobody knows is tried once more, and then the message fails", async () => {
    const chunk = await queuedChunk(world);
    const outcomes = [unlisted, busy, unlisted];
    for (const outcome of outcomes) await record((await take(chunk.chunkId))[0]!, outcome);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "FAILED", failure: "PROVIDER_REJECTED", attempts: 3 },
    ]);
  });

  test("FO-2 an answer after the lease counts only if the text was accepted", async () => {
    const chunk = await queuedChunk(world, { prices: [1n, 2n] });
    const [task] = await take(chunk.chunkId);
    await makeDue(world, chunk.chunkId);
    expect(await sweepLeases(sms)).toBe(false);
    await record(task!, accepted("c1"), busy);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "SENT", provider_id: "c1" },
      { state: "UNCERTAIN" },
    ]);
    expect(await tasksOf(world, chunk.chunkId)).toMatchObject([{ stage: "UNCERTAIN" }]);
  });

  test("FO-2 a late acceptance keeps what was queued again from going twice", async () => {
    const chunk = await queuedChunk(world, { prices: [1n, 2n] });
    const [first] = await take(chunk.chunkId);
    await record(first!, notSent, notSent);
    await record(first!, notSent, accepted("e2"));
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "QUEUED", charge: "CAPTURED" },
      { state: "SENT", charge: "CAPTURED", provider_id: "e2" },
    ]);
    const [second] = await take(chunk.chunkId);
    expect(second!.texts.map(({ messageId }) => messageId)).toEqual([chunk.messageIds[0]]);
    const bad: Outcome = { kind: "PERMANENT_MESSAGE", failure: "INVALID_NUMBER", code: "1" };
    await record(second!, bad);
    expect(await tasksOf(world, chunk.chunkId)).toMatchObject([
      { stage: "SENT", message_ids: [chunk.messageIds[1]] },
    ]);
    expect(await stepsOf(world, chunk.chunkId)).toEqual(["CAPTURE 3", "REFUND 1"]);
  });

  test("an answer that is recorded twice does not touch the attempt after it", async () => {
    const chunk = await queuedChunk(world);
    const [first] = await take(chunk.chunkId);
    await record(first!, notSent);
    const [second] = await take(chunk.chunkId);
    await record(first!, notSent); // nobody knew whether it had been recorded
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "SENDING" }]);
    await record(second!, accepted("d1"));
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([{ state: "SENT" }]);
  });

  test("what of a chunk could not go is one task with all of it", async () => {
    const chunk = await queuedChunk(world, { prices: [1n, 2n, 3n] });
    const [task] = await take(chunk.chunkId);
    await record(task!, notSent, notSent, notSent);
    expect(await tasksOf(world, chunk.chunkId)).toMatchObject([
      { id: chunk.taskId, stage: "QUEUED", message_ids: null, attempt: 1 },
    ]);
    const { rows } = await sql`select kind, detail from message_note
      where message_id = ${chunk.messageIds[0]}`.execute(sms.db.sql);
    expect(rows).toEqual([{ kind: "RETRY", detail: "NOT_SENT ECONNREFUSED" }]);
  });
});
