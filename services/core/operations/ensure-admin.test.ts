import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { ensureAdmin } from "./ensure-admin.ts";
import { login } from "./login.ts";
import { registerUser } from "./register-user.ts";

const admin = { username: "admin", password: "a long way to go 7" };

test("the first administrator is made once, by however many processes", async () => {
  await using running = await testCore();
  await Promise.all(Array.from({ length: 5 }, async () => ensureAdmin(running.core, admin)));
  await ensureAdmin(running.core, { ...admin, password: "another long way 8" });
  const { user } = await login(running.core, admin, callWith());
  expect(user).toMatchObject({ username: "admin", roles: ["ADMIN"], state: "ACTIVE" });
  expect(await running.core.db.sql.selectFrom("person").select("id").execute()).toHaveLength(1);
});

test("an administrator with another name is enough", async () => {
  await using running = await testCore();
  await ensureAdmin(running.core, admin);
  await ensureAdmin(running.core, { ...admin, username: "second" });
  expect(await running.core.db.sql.selectFrom("person").select("id").execute()).toHaveLength(1);
});

test("a user does not become administrator by having the name", async () => {
  await using running = await testCore();
  const request = { ...admin, requestId: "", email: "", phoneNumber: "" };
  await registerUser(running.core, request, callWith());
  const refused = await ensureAdmin(running.core, admin).catch(reasonOf);
  expect(refused).toBe("USERNAME_TAKEN");
});

test("S6 a weak password of the administrator stops the start", async () => {
  await using running = await testCore();
  const refused = await ensureAdmin(running.core, { ...admin, password: "admin123456" }).catch(
    reasonOf,
  );
  expect(refused).toBe("WEAK_PASSWORD");
});
