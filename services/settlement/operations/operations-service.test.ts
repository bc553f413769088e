import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import { payoutAlarms } from "../events.ts";
import { callWith, testStatements } from "../testing/test-statements.ts";
import { listDeadLetters } from "./list-dead-letters.ts";
import { republishEvents } from "./republish-events.ts";
import { requeueDeadLetters } from "./requeue-dead-letters.ts";

const { db, ...rest } = await testStatements();
afterAll(async () => rest[Symbol.asyncDispose]());

test("A3 dead letters are listed, and handed over once, whose retry gets the first count", async () => {
  const [id, event, subject] = [newId(), newId(), "mizan.core.v1.UserRegistered.0"];
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
  await db.sql.transaction().execute(async (tx) => {
    const alarm = { payoutId: "", provider: "bank", detail: "" };
    await payoutAlarms(tx, [{ kind: "FUNDS_LOW", ...alarm }]);
  });
  await sql`update outbox set stream_offset = 1`.execute(db.sql);
  const hourMs = 3_600_000;
  const later = await republishEvents({ db }, Date.now() + hourMs, callWith());
  const earlier = await republishEvents({ db }, Date.now() - hourMs, callWith());
  expect([later.eventCount, earlier.eventCount]).toEqual([0n, 1n]);
  const { rows } = await sql`select stream, position from relay_rewind`.execute(db.sql);
  expect(rows).toEqual([{ stream: "MIZAN_SETTLEMENT", position: 0 }]);
});
