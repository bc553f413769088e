import { sql } from "kysely";
import { expect, test } from "vitest";
import { callWith, testCore } from "../testing/test-core.ts";
import { login } from "./login.ts";
import { pruneSessions } from "./prune-sessions.ts";
import { refreshSession } from "./refresh-session.ts";
import { registerUser } from "./register-user.ts";

test("sessions that are over are deleted with their tokens; the others stay", async () => {
  await using running = await testCore();
  const { core } = running;
  const claim = { username: "sara", password: "blue tea pot 7" };
  await registerUser(core, { ...claim, requestId: "", email: "", phoneNumber: "" }, callWith());
  await login(core, claim, callWith());
  await sql`update session set expires_at = now() - interval '1 day'`.execute(core.db.sql);
  const { refreshToken } = await login(core, claim, callWith());
  await pruneSessions(core, new AbortController().signal);
  expect(await core.db.sql.selectFrom("session").select("id").execute()).toHaveLength(1);
  expect(await core.db.sql.selectFrom("refresh_token").select("hash").execute()).toHaveLength(1);
  await expect(refreshSession(core, refreshToken)).resolves.toBeDefined();
});
