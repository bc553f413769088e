import { createContextValues } from "@connectrpc/connect";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { createMarkets } from "../domain/markets.ts";
import { readMarkets } from "../store/markets.ts";
import { testExchange } from "../testing/test-writer.ts";
import { recordMarketState } from "./record-market-state.ts";
import { listDeadLetters } from "./list-dead-letters.ts";
import { republishEvents } from "./republish-events.ts";
import { requeueDeadLetters } from "./requeue-dead-letters.ts";

const db = await testExchange();
afterAll(async () => db[Symbol.asyncDispose]());

const callWith = (key = newId()) => {
  const method = "mizan.matching.v1.OperationsService/RequeueDeadLetters";
  const hash = new Uint8Array(32);
  const call = { principal: "admin", method, key, hash, replayed: false };
  return { values: createContextValues().set(callKey, call) };
};

test("A3 dead letters are listed, and handed over once, whose retry gets the first count", async () => {
  const [id, event] = [newId(), newId()];
  const subject = "mizan.billing.v1.TradeSettlementRefused.ABAN-IRR";
  await sql`
    insert into dead_letter (id, consumer, event_id, subject, headers, payload, error, attempts)
    values (${id}, 'c', ${event}, ${subject}, '{}', '', 'broken', 5)`.execute(db.sql);
  const { deadLetters } = await listDeadLetters({ db }, { pageSize: 1, pageToken: "" });
  expect(deadLetters).toMatchObject([{ id, consumer: "c", error: "broken" }]);
  const key = newId();
  for (const call of [callWith(key), callWith(key)]) {
    expect(await requeueDeadLetters({ db }, [id], call)).toMatchObject({ requeuedCount: 1 });
  }
  expect(await requeueDeadLetters({ db }, [id], callWith())).toMatchObject({ requeuedCount: 0 });
});

test("N1 the events since a time are counted, and the relay is told where to begin", async () => {
  const markets = createMarkets(await readMarkets(db.sql));
  const halted = { symbol: "ABAN-IRR", state: "HALT" as const, reason: "PRICE_BAND" };
  await db.sql.transaction().execute(async (tx) => recordMarketState({ markets }, tx, halted));
  await sql`update outbox set stream_offset = 1`.execute(db.sql);
  const hourMs = 3_600_000;
  const later = await republishEvents({ db }, Date.now() + hourMs, callWith());
  const earlier = await republishEvents({ db }, Date.now() - hourMs, callWith());
  expect([later.eventCount, earlier.eventCount]).toEqual([0n, 1n]);
  const { rows } = await sql`select stream, position from relay_rewind`.execute(db.sql);
  expect(rows).toEqual([{ stream: "MIZAN_MATCHING", position: 0 }]);
});
