import { hash } from "node:crypto";
import { create, fromBinary } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { UserRegisteredSchema } from "#gen/mizan/core/v1/events_pb.ts";
import { User_Role } from "#gen/mizan/core/v1/user_pb.ts";
import { RegisterUserRequestSchema } from "#gen/mizan/core/v1/user_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { derivedId, newId } from "#mesh/ids.ts";
import { canonicalBytes } from "#mesh/interceptors/canonical.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { patiently } from "../testing/test-merchants.ts";
import { registerUser } from "./register-user.ts";

const { core, ledger, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());
beforeEach(() => void (ledger.isAway = false));

const password = "blue tea pot 7";
let count = 0;

/** A request of somebody new. */
function newcomer() {
  count += 1;
  const username = `Person-${count}`;
  const email = `Person-${count}@Example.com`;
  const phoneNumber = `+98912${String(count).padStart(7, "0")}`;
  return { requestId: "", username, email, phoneNumber, password };
}

describe("registerUser()", () => {
  test("a user joins with names, a role and an account on the ledger", async () => {
    const request = newcomer();
    const { user } = await registerUser(core, request, callWith());
    const { username, email, phoneNumber } = request;
    expect(user).toMatchObject({ username, email, phoneNumber, roles: [User_Role.USER] });
    expect(ledger.accounts).toContain(derivedId(`account/user/${user!.id}/available/IRR`));
    expect(await stateOf(user!.id)).toBe("ACTIVE");
  });

  test("the password is stored as an argon2id hash", async () => {
    const { user } = await registerUser(core, newcomer(), callWith());
    const { password_hash: stored } = await core.db.sql
      .selectFrom("credential")
      .select("password_hash")
      .where("person_id", "=", user!.id)
      .executeTakeFirstOrThrow();
    expect(stored).toMatch(/^\$argon2id\$/);
    expect(await core.passwords.verify(password, stored)).toBe(true);
  });

  test("an event tells that the user has joined", async () => {
    const { user } = await registerUser(core, newcomer(), callWith());
    expect(await eventsOf(user!.id)).toEqual([
      expect.objectContaining({ userId: user!.id, eventTime: user!.createTime }),
    ]);
  });

  test("A3 fifty at once with one key register once and all get the same answer", async () => {
    const request = newcomer();
    const key = newId();
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () =>
        patiently(async () => registerUser(core, request, callWith(key))),
      ),
    );
    expect(new Set(answers.map(({ user }) => user!.id)).size).toBe(1);
    expect(await countOf(request.username)).toBe(1);
    expect(await eventsOf(answers[0]!.user!.id)).toHaveLength(1);
  });

  test("A3 a retry is answered with the first answer and says so", async () => {
    const [request, key] = [newcomer(), newId()];
    const first = await registerUser(core, request, callWith(key));
    const call = callWith(key);
    expect(await registerUser(core, request, call)).toEqual(first);
    expect(call.values.get(callKey)?.replayed).toBe(true);
  });

  test.each([
    ["username", { username: "somebody-else" }],
    ["e-mail address", { email: "else@example.com" }],
    ["password", { password: "green tea pot 7" }],
  ])("A3 the same key with another %s is refused and writes nothing", async (_, change) => {
    const [request, key] = [newcomer(), newId()];
    await registerUser(core, request, callWith(key));
    const other = registerUser(core, { ...request, ...change }, callWith(key));
    expect(await reason(other)).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(await countOf("somebody-else")).toBe(0);
  });

  test.each([
    ["USERNAME_TAKEN", ({ username }: Names) => ({ username: username.toUpperCase() })],
    ["EMAIL_TAKEN", ({ email }: Names) => ({ email: email.toLowerCase() })],
    ["PHONE_NUMBER_TAKEN", ({ phoneNumber }: Names) => ({ phoneNumber })],
  ])("a name of somebody else is refused with %s, whatever its case", async (expected, take) => {
    const first = newcomer();
    await registerUser(core, first, callWith());
    const [second, key] = [{ ...newcomer(), ...take(first) }, newId()];
    expect(await reason(registerUser(core, second, callWith(key)))).toBe(expected);
    const again = callWith(key);
    expect(await reason(registerUser(core, second, again))).toBe(expected);
    expect(again.values.get(callKey)?.replayed).toBe(true);
    const { rows } = await sql`
      select 1 from person where not exists (select 1 from profile where person_id = id)`.execute(
      core.db.sql,
    );
    expect(rows).toEqual([]);
  });

  test("of many with one username one joins", async () => {
    const { username } = newcomer();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const request = { ...newcomer(), username };
        return registerUser(core, request, callWith()).then(() => "joined", reasonOf);
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "joined")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "USERNAME_TAKEN")).toHaveLength(19);
  });

  test("several can join without an e-mail address and a phone number", async () => {
    const names = { email: "", phoneNumber: "" };
    const first = await registerUser(core, { ...newcomer(), ...names }, callWith());
    const second = await registerUser(core, { ...newcomer(), ...names }, callWith());
    expect([first, second].map(({ user }) => user)).toMatchObject([names, names]);
  });

  test("S1 a password that is guessed first is refused before anything is hashed", async () => {
    const request = { ...newcomer(), password: "qwertyuiop" };
    expect(await reason(registerUser(core, request, callWith()))).toBe("WEAK_PASSWORD");
  });

  test("ACC-9 while the ledger is away nobody has joined; the retry finishes it", async () => {
    const [request, key] = [newcomer(), newId()];
    ledger.isAway = true;
    await expect(registerUser(core, request, callWith(key))).rejects.toThrow("away");
    await expect(registerUser(core, request, callWith(key))).rejects.toThrow("away");
    ledger.isAway = false;
    const { user } = await registerUser(core, request, callWith(key));
    expect(ledger.accounts).toContain(derivedId(`account/user/${user!.id}/available/IRR`));
    expect(await stateOf(user!.id)).toBe("ACTIVE");
    expect(await countOf(request.username)).toBe(1);
  });

  test("S1 no fast hash of the password is stored", async () => {
    const [request, key] = [newcomer(), newId()];
    await registerUser(core, request, callWith(key));
    const { rows } = await sql<{ hash: Buffer }>`
      select hash from idempotency where key = ${key}`.execute(core.db.sql);
    const message = create(RegisterUserRequestSchema, request);
    const fast = [
      hash("sha256", canonicalBytes(RegisterUserRequestSchema, message), "hex"),
      hash("sha256", password, "hex"),
    ];
    expect(fast).not.toContain(rows[0]!.hash.toString("hex"));
  });
});

type Names = ReturnType<typeof newcomer>;

async function stateOf(id: string): Promise<string> {
  const rows = core.db.sql.selectFrom("person").select("state").where("id", "=", id);
  return (await rows.executeTakeFirstOrThrow()).state;
}

async function countOf(username: string): Promise<number> {
  const rows = core.db.sql.selectFrom("profile").select("username");
  return (await rows.where("username", "=", username).execute()).length;
}

async function eventsOf(id: string) {
  const { rows } = await sql<{ payload: Uint8Array }>`
    select payload from outbox where key = ${id}`.execute(core.db.sql);
  return rows.map(({ payload }) => fromBinary(UserRegisteredSchema, payload));
}

async function reason(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(() => undefined, reasonOf);
}
