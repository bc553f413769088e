import fc from "fast-check";
import { fromBinary } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { MessagesChangedSchema } from "#gen/mizan/sms/v1/events_pb.ts";
import { MessageState } from "#gen/mizan/sms/v1/message_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import type { Input } from "../domain/inputs.ts";
import { lookAt, queuedChunk, queuedChunks, stepsOf } from "../testing/queued-chunk.ts";
import { testSms } from "../testing/test-sms.ts";
import { type Advance, advanceMessages } from "./advance-messages.ts";

const world = await testSms();
const { sms } = world;

afterAll(async () => world[Symbol.asyncDispose]());

const advance = async (...advances: Advance[]) =>
  transaction(sms.db, async (tx) => advanceMessages(sms, tx, advances));

const taken: Input = { kind: "TAKEN", provider: "magfa" };
const sent: Input = { kind: "SENT", providerId: "77", tariff: "160.00", parts: 1 };
const refused: Input = { kind: "REFUSED", failure: "INVALID_NUMBER" };

describe("advanceMessages()", () => {
  test("ST-1 moves each message once, whoever else says the same", async () => {
    const { messageIds, chunkId } = await queuedChunk(world);
    const [messageId] = messageIds as [string];
    await advance({ messageId, input: taken });
    const all = await Promise.all(
      Array.from({ length: 4 }, async () => advance({ messageId, chunkId, input: sent })),
    );
    expect(all.flat()).toHaveLength(1);
    expect(all.flat()[0]).toMatchObject({ messageId, chunkId, from: "SENDING", state: "SENT" });
    expect(await stepsOf(world, chunkId)).toEqual(["CAPTURE 100"]);
    expect(await lookAt(world, [messageId])).toMatchObject([
      { state: "SENT", charge: "CAPTURED", revision: 3, attempts: 1, provider_id: "77" },
    ]);
  });

  test("M5 a permanent error that is told 100 times is one release", async () => {
    const { messageIds, chunkId } = await queuedChunk(world, { prices: [300n] });
    const [messageId] = messageIds as [string];
    await advance({ messageId, input: taken });
    for (let times = 0; times < 100; times += 1) await advance({ messageId, input: refused });
    expect(await stepsOf(world, chunkId)).toEqual(["RELEASE"]);
    expect(await lookAt(world, [messageId])).toMatchObject([
      { state: "FAILED", charge: "RELEASED", failure: "INVALID_NUMBER", revision: 3 },
    ]);
  });

  test("MON-7 captures what waits elsewhere too, tells it, and refunds it when it fails", async () => {
    const chunk = await queuedChunk(world, { prices: [100n, 200n, 400n] });
    const [first, second, third] = chunk.messageIds as [string, string, string];
    await advance({ messageId: first, input: taken }, { messageId: second, input: taken });
    const moved = await advance(
      { messageId: first, input: sent },
      { messageId: second, input: refused },
    );
    expect(moved.map(({ messageId }) => messageId)).toEqual([first, second]);
    expect(await lookAt(world, chunk.messageIds)).toMatchObject([
      { state: "SENT", charge: "CAPTURED", revision: 3 },
      { state: "FAILED", charge: "RELEASED", revision: 3 },
      { state: "QUEUED", charge: "CAPTURED", revision: 2 },
    ]);
    await advance({ messageId: third, input: refused });
    expect(await stepsOf(world, chunk.chunkId)).toEqual(["CAPTURE 500", "REFUND 400"]);
  });

  test("ST-1 tells each move in the transaction that makes it, with its revision", async () => {
    await sql`delete from outbox`.execute(sms.db.sql);
    const { messageIds } = await queuedChunk(world, { isPointed: false });
    const [messageId] = messageIds as [string];
    const undone = transaction(sms.db, async (tx) => {
      await advanceMessages(sms, tx, [{ messageId, input: taken }]);
      throw new Error("no luck");
    });
    await expect(undone).rejects.toThrow("no luck");
    await advance({ messageId, input: taken });
    await advance({ messageId, input: sent }, { messageId, input: { kind: "NO_RECEIPT" } });
    const { rows } = await sql<{ payload: Buffer }>`
      select payload from outbox order by id`.execute(sms.db.sql);
    const changes = rows.flatMap(
      ({ payload }) => fromBinary(MessagesChangedSchema, payload).changes,
    );
    expect(changes.map(({ state, revision }) => [state, revision])).toEqual([
      [MessageState.SENDING, 2],
      [MessageState.SENT, 3],
      [MessageState.FAILED, 4],
    ]);
  });

  test("ST-2 notes retries and doubts, and nothing of a normal course", async () => {
    const { messageIds } = await queuedChunk(world);
    const [messageId] = messageIds as [string];
    const detail = "BUSY 15";
    await advance({ messageId, input: taken });
    await advance({ messageId, input: { kind: "PUT_BACK" }, detail });
    await advance({ messageId, input: taken });
    await advance({ messageId, input: { kind: "UNKNOWN" }, detail: "UNKNOWN TIMEOUT" });
    await advance({ messageId, input: sent });
    const { rows } = await sql`select kind, detail from message_note
      where message_id = ${messageId} order by at`.execute(sms.db.sql);
    expect(rows).toEqual([
      { kind: "RETRY", detail },
      { kind: "UNCERTAIN", detail: "UNKNOWN TIMEOUT" },
    ]);
  });

  test("needs a handful of statements for a thousand messages of ten chunks", async () => {
    const prices = Array.from({ length: 100 }, () => 10n);
    const chunks = await queuedChunks(world, 10, { prices });
    const all = (input: Input) =>
      chunks.flatMap(({ chunkId, messageIds }) =>
        messageIds.map((messageId) => ({ messageId, chunkId, input })),
      );
    expect(await advance(...all(taken))).toHaveLength(1000);
    const statements: unknown[] = [];
    const spy = sms.db.sql.withPlugin({
      transformQuery: ({ node }) => {
        statements.push(node.kind);
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const moved = await transaction({ ...sms.db, sql: spy }, async (tx) =>
      advanceMessages(sms, tx, all(sent)),
    );
    expect(moved).toHaveLength(1000);
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.length).toBeLessThanOrEqual(6);
  });

  test("deadlocks nobody who moves messages of the same chunks in another order", async () => {
    const chunks = await queuedChunks(world, 6, { prices: [1n, 2n] });
    const ids = chunks.flatMap(({ messageIds }) => messageIds);
    const movers = Array.from({ length: 4 }, async (_, at) => {
      const order = at % 2 === 0 ? ids : ids.toReversed();
      return advance(...order.map((messageId) => ({ messageId, input: taken })));
    });
    expect((await Promise.all(movers)).flat()).toHaveLength(ids.length);
  });
});

describe("MON-9 the money of messages", () => {
  const inputs: readonly Input[] = [
    taken,
    taken,
    sent,
    sent,
    refused,
    { kind: "PUT_BACK" },
    { kind: "UNKNOWN" },
    { kind: "NOT_FOUND" },
    { kind: "GIVEN_UP" },
    { kind: "RECEIPT", state: "DELIVERED" },
    { kind: "RECEIPT", state: "UNDELIVERED" },
    { kind: "RECEIPT", state: "FAILED" },
    { kind: "NO_RECEIPT" },
  ];
  const step = fc.record({ at: fc.nat({ max: 5 }), input: fc.constantFrom(...inputs) });

  test(
    "is that of the ledger after any course: taken, given back and open, chunk by chunk",
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(step, { minLength: 1, maxLength: 10 }), { maxLength: 8 }),
          async (batches) => {
            const chunks = [
              await queuedChunk(world, { prices: [100n, 250n, 40n], isPointed: false }),
              await queuedChunk(world, { prices: [7n, 0n, 900n], isPointed: false }),
            ];
            const ids = chunks.flatMap(({ messageIds }) => messageIds);
            for (const batch of batches)
              await advance(...batch.map(({ at, input }) => ({ messageId: ids[at]!, input })));
            for (const { chunkId } of chunks)
              expect(await toldOf(chunkId)).toEqual(await owedBy(chunkId));
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});

/** What the ledger was told of a chunk. */
async function toldOf(chunkId: string) {
  const { rows } = await sql<{ kind: string; message_id: string | null; amount: number | null }>`
    select kind, message_id, amount from ledger_step where hold_id = ${chunkId} order by id`.execute(
    sms.db.sql,
  );
  const { rows: chunks } = await sql<{ open_count: number; open_amount: number }>`
    select open_count, open_amount from chunk where id = ${chunkId}`.execute(sms.db.sql);
  const of = (kind: string) => rows.filter((row) => row.kind === kind);
  const sum = (kind: string) => of(kind).reduce((total, { amount }) => total + (amount ?? 0), 0);
  return {
    taken: sum("CAPTURE") - sum("REFUND"),
    openCount: chunks[0]!.open_count,
    open: chunks[0]!.open_amount,
    ends: of("CAPTURE").length + of("RELEASE").length <= 1,
    refundsOnce: new Set(of("REFUND").map((row) => row.message_id)).size === of("REFUND").length,
    endFirst: rows[0]?.kind !== "REFUND",
  };
}

/** What it had to be, by the messages. */
async function owedBy(chunkId: string): Promise<Awaited<ReturnType<typeof toldOf>>> {
  const { rows } = await sql<{ charge: string; price: number }>`
    select charge, price from message where chunk_id = ${chunkId}`.execute(sms.db.sql);
  const of = (charge: string) => rows.filter((row) => row.charge === charge);
  const sum = (charge: string) => of(charge).reduce((total, { price }) => total + price, 0);
  return {
    taken: sum("CAPTURED"),
    openCount: of("RESERVED").length,
    open: sum("RESERVED"),
    ends: true,
    refundsOnce: true,
    endFirst: true,
  };
}
