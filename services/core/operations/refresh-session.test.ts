import { sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { login } from "./login.ts";
import { refreshSession } from "./refresh-session.ts";
import { registerUser } from "./register-user.ts";

const { core, warnings, verifier, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());

const password = "blue tea pot 7";
const names = { requestId: "", username: "sara", email: "", phoneNumber: "" };
const { user } = await registerUser(core, { ...names, password }, callWith());

async function open(): Promise<string> {
  return (await login(core, { username: "sara", password }, callWith())).refreshToken;
}

async function refresh(token: string): Promise<string> {
  return (await refreshSession(core, token)).refreshToken;
}

/** Lets time pass for all that was used, without waiting. */
async function age(seconds: number): Promise<void> {
  await sql`update refresh_token set used_at = used_at - make_interval(secs => ${seconds})`.execute(
    core.db.sql,
  );
}

describe("refreshSession()", () => {
  test("a refresh token is traded for a new pair", async () => {
    const first = await open();
    const tokens = await refreshSession(core, first);
    expect(tokens.refreshToken).not.toBe(first);
    expect(tokens.expiresIn).toBe(600);
    expect((await verifier.access(tokens.accessToken)).id).toBe(user!.id);
    await expect(refresh(tokens.refreshToken)).resolves.toMatch(/^mzr_/);
  });

  test("S5 fifty at once with one token get one and the same successor", async () => {
    const first = await open();
    const successors = await Promise.all(Array.from({ length: 50 }, async () => refresh(first)));
    expect(new Set(successors).size).toBe(1);
    await expect(refresh(successors[0]!)).resolves.toBeDefined();
  });

  test("S5 the same token within 30 seconds has the same successor", async () => {
    const first = await open();
    const second = await refresh(first);
    await age(29);
    expect(await refresh(first)).toBe(second);
  });

  test("S5 a token that is used again later ends the whole session", async () => {
    const [first, other] = [await open(), await open()];
    const second = await refresh(first);
    await age(31);
    expect(await refusal(first)).toBe("BAD_CREDENTIALS");
    expect(await refusal(second)).toBe("BAD_CREDENTIALS");
    expect(warnings).toHaveLength(1);
    await expect(refresh(other)).resolves.toBeDefined();
  });

  test("S5 a token is used again too late once its successor is used, even within the grace", async () => {
    const first = await open();
    const third = await refresh(await refresh(first));
    expect(await refusal(first)).toBe("BAD_CREDENTIALS");
    expect(await refusal(third)).toBe("BAD_CREDENTIALS");
  });

  test.each(["", "mzr_", `mzr_${"A".repeat(43)}`, "\0", "’".repeat(85)])(
    "the token %j, which nobody was given, is refused",
    async (token) => {
      expect(await refusal(token)).toBe("BAD_CREDENTIALS");
    },
  );

  test("a token that waited too long is refused", async () => {
    const first = await open();
    await sql`update refresh_token set expires_at = now() where used_at is null`.execute(
      core.db.sql,
    );
    expect(await refusal(first)).toBe("BAD_CREDENTIALS");
  });

  test("a session ends after its longest life", async () => {
    const first = await open();
    await sql`update session set expires_at = now()`.execute(core.db.sql);
    expect(await refusal(first)).toBe("BAD_CREDENTIALS");
  });

  test("S5 S12 neither the database nor the log has a token", async () => {
    const first = await open();
    const second = await refresh(first);
    await age(31);
    await refusal(first);
    const { rows } = await sql`select * from refresh_token`.execute(core.db.sql);
    const kept = JSON.stringify([rows, warnings], (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
    );
    for (const token of [first, second]) {
      expect(kept).not.toContain(token);
      expect(kept).not.toContain(Buffer.from(token.slice(4), "base64url").toString("latin1"));
    }
  });
});

async function refusal(token: string): Promise<string | undefined> {
  return refreshSession(core, token).then(() => undefined, reasonOf);
}
