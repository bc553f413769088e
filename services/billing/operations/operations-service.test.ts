import { createContextValues } from "@connectrpc/connect";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import { callOf, charge, newOwner, testBilling } from "../testing/test-billing.ts";
import { listDeadLetters } from "./list-dead-letters.ts";
import { republishEvents } from "./republish-events.ts";
import { requeueDeadLetters } from "./requeue-dead-letters.ts";

const callWith = (key = newId()) => {
  const values = createContextValues();
  return { values: values.set(callKey, callOf(key)) };
};

async function bury({ db }: Billing): Promise<string> {
  const id = newId();
  const [event, subject] = [newId(), "mizan.core.v1.UserRegistered.1"];
  await sql`
    insert into dead_letter (id, consumer, event_id, subject, headers, payload, error, attempts)
    values (${id}, 'c', ${event}, ${subject}, '{}', '', 'broken', 5)`.execute(db.sql);
  return id;
}

test("A3 dead letters are listed, and handed over once, whose retry gets the first count", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const [ids, key] = [[await bury(billing)], newId()];
  const { deadLetters } = await listDeadLetters(billing, { pageSize: 1, pageToken: "" });
  expect(deadLetters.map(({ id }) => id)).toEqual(ids);
  for (const call of [callWith(key), callWith(key)]) {
    expect(await requeueDeadLetters(billing, ids, call)).toMatchObject({ requeuedCount: 1 });
  }
  expect(await requeueDeadLetters(billing, ids, callWith())).toMatchObject({ requeuedCount: 0 });
});

test("N1 the commits since a time are counted, and the relay is told where to begin", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const userId = await newOwner(billing, "1.00");
  await charge(billing, { userId });
  const hourMs = 3_600_000;
  const later = await republishEvents(billing, Date.now() + hourMs, callWith());
  const earlier = await republishEvents(billing, Date.now() - hourMs, callWith());
  expect([later.eventCount, earlier.eventCount]).toEqual([0n, 2n]);
  const { rows } = await sql`select source, position from relay_rewind`.execute(db.sql);
  expect(rows).toEqual([{ source: "mizan.billing.v1.TransferPosted.0", position: 0 }]);
});
