import { inspect } from "node:util";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, describe, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { createPasswords } from "../providers/passwords.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { login } from "./login.ts";
import { registerUser } from "./register-user.ts";

const { core, clock, ledger, verifier, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());

const password = "blue tea pot 7";
const names = {
  requestId: "",
  username: "Sara",
  email: "Sara@Example.com",
  phoneNumber: "+989121234567",
};
const { user } = await registerUser(core, { ...names, password }, callWith());
let lastNetwork = 0;

/** A call from a network of its own. */
function call() {
  lastNetwork += 1;
  return callWith(undefined, `198.51.100.${lastNetwork}`);
}

describe("login()", () => {
  test.each(["Sara", "sara", "SARA", "sara@example.com", "+989121234567"])(
    "the right password opens a session for %s",
    async (username) => {
      const tokens = await login(core, { username, password }, call());
      expect(tokens.user.id).toBe(user!.id);
      expect(tokens.expiresIn).toBe(600);
      expect(tokens.refreshToken).toMatch(/^mzr_[\w-]{43}$/);
      const person = await verifier.access(tokens.accessToken);
      expect(person).toEqual({ id: user!.id, roles: ["USER"], verificationLevel: 0 });
    },
  );

  test("S2 a wrong password and an unknown name are refused in the same words", async () => {
    const errors = await Promise.all([
      refusal({ username: "sara", password: "green tea pot" }),
      refusal({ username: "nobody", password }),
      refusal({ username: "nobody@example.com", password }),
      refusal({ username: "sara\0", password }),
    ]);
    for (const error of errors) {
      expect([error.code, reasonOf(error)]).toEqual([Code.Unauthenticated, "BAD_CREDENTIALS"]);
      expect(error.rawMessage).toBe("The username or the password can't be accepted.");
    }
  });

  test("S2 a name costs one hash, whether it is known or not", async () => {
    const hashed: (string | undefined)[] = [];
    const passwords = {
      ...core.passwords,
      verify: async (text: string, hash: string | undefined) => {
        hashed.push(hash);
        return core.passwords.verify(text, hash);
      },
    };
    for (const username of ["sara", "nobody"]) {
      await login({ ...core, passwords }, { username, password: "green tea pot" }, call()).catch(
        () => {},
      );
    }
    expect(hashed).toEqual([expect.stringMatching(/^\$argon2id/), undefined]);
  });

  test("S3 after five wrong passwords the network waits, even with the right one", async () => {
    const guesser = call();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(reasonOf(await refusal({ username: "Sara", password: "x" }, guesser))).toBe(
        "BAD_CREDENTIALS",
      );
    }
    const error = await refusal({ username: "sara", password }, guesser);
    expect([error.code, reasonOf(error)]).toEqual([Code.ResourceExhausted, "TOO_MANY_ATTEMPTS"]);
    expect(error.metadata.get("retry-after")).toBe("1");
    expect(error.metadata.get("grpc-retry-pushback-ms")).toBe("1000");
    clock.nowMs += 1000;
    await expect(login(core, { username: "sara", password }, guesser)).resolves.toBeDefined();
  });

  test("S3 a stranger who guesses does not lock the owner out", async () => {
    const stranger = call();
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await refusal({ username: "sara", password: "x" }, stranger);
    }
    await expect(login(core, { username: "sara", password }, call())).resolves.toBeDefined();
  });

  test("S3 a hundred guesses at once are counted before any is looked at", async () => {
    const guesser = call();
    const errors = await Promise.all(
      Array.from({ length: 100 }, async () =>
        refusal({ username: "sara", password: "x" }, guesser),
      ),
    );
    expect(errors.filter((error) => reasonOf(error) === "BAD_CREDENTIALS")).toHaveLength(5);
  });

  test("an attempt that nobody looked at does not count", async () => {
    const busy = {
      ...core,
      passwords: { ...core.passwords, verify: async () => Promise.reject(new Error("busy")) },
    };
    const caller = call();
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await expect(login(busy, { username: "sara", password }, caller)).rejects.toThrow("busy");
    }
    await expect(login(core, { username: "sara", password }, caller)).resolves.toBeDefined();
  });

  test("S1 a hash of another cost is replaced at the log-in", async () => {
    const passwords = createPasswords({ memoryKib: 128, passes: 2, parallelism: 1 });
    await login({ ...core, passwords }, { username: "sara", password }, call());
    const row = core.db.sql.selectFrom("credential").select("password_hash");
    const { password_hash: stored } = await row.executeTakeFirstOrThrow();
    expect(stored).toContain("m=128,t=2,p=1");
    await expect(login(core, { username: "sara", password }, call())).resolves.toBeDefined();
  });

  test("ACC-9 a log-in finishes a registration that was left half done", async () => {
    ledger.isAway = true;
    const request = { ...names, username: "reza", email: "", phoneNumber: "", password };
    await registerUser(core, request, callWith()).catch(() => {});
    await expect(login(core, { username: "reza", password }, call())).rejects.toThrow("away");
    ledger.isAway = false;
    await expect(login(core, { username: "reza", password }, call())).resolves.toBeDefined();
  });

  test("S12 nothing that is refused repeats the password", async () => {
    const error = await refusal({ username: "sara", password: "my secret guess" });
    expect(inspect(error, { depth: 6 })).not.toContain("secret guess");
  });
});

async function refusal(
  claim: { username: string; password: string },
  caller = call(),
): Promise<ConnectError> {
  return login(core, claim, caller).then(
    () => expect.unreachable("the log-in went through"),
    (error: unknown) => ConnectError.from(error),
  );
}
