import { afterEach, beforeEach, expect, test } from "vitest";
import { User_Role } from "#gen/mizan/core/v1/user_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { ensureAdmin } from "./ensure-admin.ts";
import { login } from "./login.ts";
import { openAccounts } from "./open-accounts.ts";
import { refreshSession } from "./refresh-session.ts";
import { registerUser } from "./register-user.ts";
import { setUserRoles } from "./set-user-roles.ts";

const { USER, MERCHANT, ADMIN } = User_Role;
const password = "a long way to go 7";
let running: Awaited<ReturnType<typeof testCore>>;
let first: string;
let sara: string;

beforeEach(async () => {
  running = await testCore();
  await ensureAdmin(running.core, { username: "admin", password });
  first = (await logIn("admin")).user.id;
  const names = { requestId: "", username: "sara", email: "", phoneNumber: "" };
  const { user } = await registerUser(running.core, { ...names, password }, callWith());
  sara = user!.id;
});
afterEach(async () => running[Symbol.asyncDispose]());

test("a user becomes an administrator, and new tokens say so", async () => {
  const { refreshToken } = await logIn("sara");
  const { user } = await set(sara, [ADMIN, USER]);
  expect(user).toMatchObject({ id: sara, username: "sara", roles: [USER, ADMIN] });
  const renewed = await refreshSession(running.core, refreshToken); // the session goes on
  for (const { accessToken } of [renewed, await logIn("sara")]) {
    const person = await running.verifier.access(accessToken);
    expect(person).toMatchObject({ id: sara, roles: ["USER", "ADMIN"] });
  }
});

test("A3 roles are set once per key, and a retry gets the first answer", async () => {
  const key = newId();
  const answer = await set(sara, [USER, ADMIN], key);
  await set(sara, [USER]);
  expect(await set(sara, [USER, ADMIN], key)).toEqual(answer);
  expect((await logIn("sara")).user.roles).toEqual(["USER"]);
});

test("who is no administrator any more is logged out everywhere, and nobody else", async () => {
  await set(sara, [USER, ADMIN]);
  const [mine, other] = [await logIn("sara"), await logIn("admin")];
  await set(sara, [USER]);
  expect(await refusal(refreshSession(running.core, mine.refreshToken))).toBe("BAD_CREDENTIALS");
  await expect(refreshSession(running.core, other.refreshToken)).resolves.toBeDefined();
  expect((await logIn("sara")).user.roles).toEqual(["USER"]);
});

test("the last administrator stays one, and stays logged in", async () => {
  const { refreshToken } = await logIn("admin");
  expect(await refusal(set(first, [USER, MERCHANT]))).toBe("LAST_ADMIN");
  expect(await refusal(set(first.toUpperCase(), [USER]))).toBe("LAST_ADMIN");
  await expect(refreshSession(running.core, refreshToken)).resolves.toBeDefined();
  expect((await logIn("admin")).user.roles).toEqual(["ADMIN"]);
});

test("of administrators who take each other's role at the same time one is left", async () => {
  for (let round = 0; round < 10; round += 1) {
    await set(first, [ADMIN]).catch(() => set(sara, [ADMIN]));
    await Promise.all([set(first, [ADMIN]), set(sara, [ADMIN])]);
    const both = [refusal(set(first, [USER])), refusal(set(sara, [USER]))];
    const refused = (await Promise.all(both)).filter((reason) => reason !== undefined);
    expect(refused).toEqual(["LAST_ADMIN"]);
  }
});

test("ACC-9 an administrator who becomes a user has an account on the ledger", async () => {
  await set(sara, [USER, ADMIN]);
  const before = running.ledger.accounts.size;
  await set(first, [ADMIN, MERCHANT]);
  expect(await openAccounts(running.core, 0)).toBe(1);
  expect(running.ledger.accounts.size).toBe(before + 1);
  await set(first, [USER]); // has one already
  expect(await openAccounts(running.core, 0)).toBe(0);
});

test("nobody's roles can't be set", async () => {
  expect(await refusal(set(newId(), [ADMIN]))).toBe("USER_NOT_FOUND");
});

async function set(userId: string, roles: User_Role[], key = newId()) {
  return setUserRoles(running.core, { userId, roles }, callWith(key));
}

async function logIn(username: string) {
  return login(running.core, { username, password }, callWith());
}

async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(() => undefined, reasonOf);
}
