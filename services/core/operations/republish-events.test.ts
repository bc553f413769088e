import { sql } from "kysely";
import { expect, test } from "vitest";
import { callWith, testCore } from "../testing/test-core.ts";
import { registerUser } from "./register-user.ts";
import { republishEvents } from "./republish-events.ts";

test("the events since a time are counted, and the relay is told to begin with the first", async () => {
  await using running = await testCore();
  const { core } = running;
  const names = { username: "sara", email: "", phoneNumber: "" };
  const request = { ...names, requestId: "", password: "blue tea pot 7" };
  await registerUser(core, request, callWith());
  await sql`update outbox set stream_offset = 1`.execute(core.db.sql);
  const hourMs = 3_600_000;
  const later = await republishEvents(core, Date.now() + hourMs, callWith());
  expect(later.eventCount).toBe(0n);
  const earlier = await republishEvents(core, Date.now() - hourMs, callWith());
  expect(earlier.eventCount).toBe(1n);
  const { rows } = await sql`select stream, position from relay_rewind`.execute(core.db.sql);
  expect(rows).toEqual([{ stream: "MIZAN_CORE", position: 0 }]);
});
