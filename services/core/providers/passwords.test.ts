import { describe, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { createPasswords } from "./passwords.ts";
import { fromPhc } from "./phc.ts";

const cheap = { memoryKib: 64, passes: 1, parallelism: 1 };

describe("createPasswords()", () => {
  test("S1 hashes with argon2id at 19 MiB, in two passes, with a salt of its own", async () => {
    const passwords = createPasswords();
    const [one, other] = [
      await passwords.hash("blue tea pot"),
      await passwords.hash("blue tea pot"),
    ];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(fromPhc(one).tag).toHaveLength(32);
    expect(one).not.toBe(other);
  });

  test("verifies the password of a hash and no other", async () => {
    const passwords = createPasswords(cheap);
    const hash = await passwords.hash("blue tea pot");
    expect(await passwords.verify("blue tea pot", hash)).toBe(true);
    expect(await passwords.verify("blue tea poT", hash)).toBe(false);
    expect(await passwords.verify("blue tea pot", undefined)).toBe(false);
  });

  test("verifies a hash that the reference implementation of argon2 made", async () => {
    const hash =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    expect(await createPasswords(cheap).verify("password", hash)).toBe(true);
  });

  test("S2 an unknown name costs as much as a known one", async () => {
    const passwords = createPasswords({ ...cheap, memoryKib: 1024 });
    const known = await passwords.hash("blue tea pot");
    const held = Array.from({ length: 2 }, async () => passwords.verify("x", known));
    const calls = [passwords.verify("x", undefined), passwords.verify("x", known)];
    expect(passwords.waiting()).toBe(2);
    expect(await Promise.all([...held, ...calls])).toEqual([false, false, false, false]);
  });

  test("S1 a hash of another cost still verifies, and is known to be outdated", async () => {
    const hash = await createPasswords(cheap).hash("blue tea pot");
    const passwords = createPasswords({ ...cheap, passes: 2 });
    expect(await passwords.verify("blue tea pot", hash)).toBe(true);
    expect(passwords.isOutdated(hash)).toBe(true);
    expect(passwords.isOutdated(await passwords.hash("blue tea pot"))).toBe(false);
  });

  test("a letter with its accent is the same as the two typed apart", async () => {
    const passwords = createPasswords(cheap);
    const hash = await passwords.hash("caf\u00e9 au lait");
    expect(await passwords.verify("cafe\u0301 au lait", hash)).toBe(true);
  });

  test("the same salt gives the same hash", async () => {
    const passwords = createPasswords(cheap);
    const salt = new Uint8Array(16).fill(7);
    expect(await passwords.hash("blue tea pot", { salt })).toBe(
      await passwords.hash("blue tea pot", { salt }),
    );
  });

  test("S2 fifty wait and the next is refused", async () => {
    const passwords = createPasswords(cheap);
    const accepted = Array.from({ length: 52 }, async () => passwords.hash("blue tea pot"));
    const refused = await passwords.hash("blue tea pot").catch((error: unknown) => error);
    expect(reasonOf(refused)).toBe("OVERLOADED");
    expect(await Promise.all(accepted)).toHaveLength(52);
  });
});

test("S12 a stored hash that can't be read is not repeated in the error", () => {
  expect(() => fromPhc("$2b$10$secret")).toThrow("not one of argon2id");
  expect(() => fromPhc("$2b$10$secret")).not.toThrow("secret");
});
