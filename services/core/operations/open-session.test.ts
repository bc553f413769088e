import { expect, test } from "vitest";
import { callWith, testCore } from "../testing/test-core.ts";
import { hashOfToken, openSession } from "./open-session.ts";
import { registerUser } from "./register-user.ts";

test("S5 a session begins with a random token, of which only the hash is stored", async () => {
  await using running = await testCore();
  const { core } = running;
  const names = { username: "sara", email: "", phoneNumber: "" };
  const request = { ...names, requestId: "", password: "blue tea pot 7" };
  const { user } = await registerUser(core, request, callWith());
  const person = { ...names, id: user!.id, roles: ["USER"], verificationLevel: 0 } as const;
  const { refreshToken } = await openSession(core, { ...person, state: "ACTIVE", createdAtMs: 0 });
  expect(refreshToken).toMatch(/^mzr_[\w-]{43}$/);
  const rows = await core.db.sql.selectFrom("refresh_token").select("hash").execute();
  expect(rows.map(({ hash }) => Buffer.from(hash))).toEqual([hashOfToken(refreshToken)]);
});
