import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
} from "jose";
import { afterAll, describe, expect, test } from "vitest";
import { ensureCertificates } from "./certificates.ts";
import type { Clock } from "./clock.ts";
import { reasonOf } from "./errors.ts";
import type { Person } from "./person.ts";
import { temporaryFolder } from "./testing/folder.ts";
import { createVerifier } from "./token-verifier.ts";
import { createSigner } from "./tokens.ts";

const folder = temporaryFolder();
await ensureCertificates(folder.path, ["core", "sms", "billing", "operator"]);
const maryam: Person = { id: "maryam", roles: ["USER", "MERCHANT"], verificationLevel: 1 };
const core = createSigner(folder.path, "core");
const sms = createSigner(folder.path, "sms");
const verifier = createVerifier(folder.path);

afterAll(() => {
  for (const one of [core, sms, verifier, folder]) one[Symbol.dispose]();
});

describe("an access token", () => {
  test("carries the person, and again when it is known", async () => {
    const token = await core.accessToken(maryam, 600);
    expect(await verifier.access(token)).toEqual(maryam);
    expect(await verifier.access(token)).toEqual(maryam);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: "EdDSA", typ: "at+jwt" });
  });

  test("S4 lives ten minutes at most, and ends", async () => {
    const token = await core.accessToken(maryam, 86_400);
    const { exp, iat } = decodeJwt(token);
    expect(exp! - iat!).toBe(600);
    const later = clockAt(Date.now());
    using patient = createVerifier(folder.path, { clock: later });
    expect(await patient.access(token)).toEqual(maryam);
    later.moveMs(606_000);
    expect(await reason(patient.access(token))).toBe("TOKEN_EXPIRED");
  });

  test("S4 is not valid before its time", async () => {
    using early = createSigner(folder.path, "core", { clock: clockAt(Date.now() + 60_000) });
    expect(await reason(verifier.access(await early.accessToken(maryam, 60)))).toBe(
      "BAD_CREDENTIALS",
    );
  });

  test.each<[string, () => Promise<string> | string]>([
    ["nothing", () => ""],
    ["no token", () => "hello"],
    ["a token that another service signed", () => sms.accessToken(maryam, 600)],
    ["an internal token", () => core.internalToken("mizan", maryam)],
    ["a changed token", async () => tampered(await core.accessToken(maryam, 600))],
    ["a token without a signature", () => unsigned()],
    ["a token with a key of its own", () => forged({})],
    ["a token whose key claims to be core's", () => forged({ kid: kidOf("core") })],
    ["a token of a shared secret", () => shared()],
    ["a token without an id", () => mine({ jti: undefined })],
    ["a token without an end", () => mine({ exp: undefined })],
    ["a token for somebody else", () => mine({ aud: "elsewhere" })],
    ["a token of another issuer", () => mine({ iss: "sms" })],
    ["a token of nobody", () => mine({ sub: "" })],
    ["a token without roles", () => mine({ roles: "ADMIN" })],
    ["a token that is too long", () => mine({ filler: "x".repeat(4096) })],
    ["a token for ten years", () => mine({ iat: seconds() - 3600, exp: seconds() + 1e8 })],
  ])("S4 is not %s", async (_what, make) => {
    const found = await reason(verifier.access(await make()));
    expect(found).toBe(_what === "a token for ten years" ? "TOKEN_EXPIRED" : "BAD_CREDENTIALS");
  });

  test("roles that nobody knows are left out", async () => {
    const token = await mine({ roles: ["USER", "ROOT", 7] });
    expect((await verifier.access(token)).roles).toEqual(["USER"]);
  });
});

describe("an internal token", () => {
  test("carries the calling service, and the person that it calls for", async () => {
    const alone = await sms.internalToken("billing");
    expect(await verifier.internal(alone, "billing")).toEqual({ service: "sms" });
    const both = await sms.internalToken("billing", maryam);
    const expected = { service: "sms", person: maryam };
    expect(await verifier.internal(both, "billing")).toEqual(expected);
  });

  test("S6 is for one audience, known or not", async () => {
    const token = await sms.internalToken("billing");
    expect(await reason(verifier.internal(token, "core"))).toBe("BAD_CREDENTIALS");
    await verifier.internal(token, "billing");
    expect(await reason(verifier.internal(token, "core"))).toBe("BAD_CREDENTIALS");
  });

  test("S6 lives a minute, and is made anew before", async () => {
    const clock = clockAt(Date.now());
    using signer = createSigner(folder.path, "sms", { clock });
    using reader = createVerifier(folder.path, { clock });
    const first = await signer.internalToken("billing");
    clock.moveMs(29_000);
    expect(await signer.internalToken("billing")).toBe(first);
    clock.moveMs(2000);
    expect(await signer.internalToken("billing")).not.toBe(first);
    expect(await reader.internal(first, "billing")).toEqual({ service: "sms" });
    clock.moveMs(36_000);
    expect(await reason(reader.internal(first, "billing"))).toBe("TOKEN_EXPIRED");
  });

  test("is another for each person, and for what the person is", async () => {
    const tokens = [
      await sms.internalToken("billing"),
      await sms.internalToken("billing", maryam),
      await sms.internalToken("billing", { ...maryam, verificationLevel: 2 }),
      await sms.internalToken("core", maryam),
    ];
    expect(new Set(tokens).size).toBe(4);
  });

  test("S6 speaks for no other service", async () => {
    const claims = { iss: "sms", sub: "core", aud: "billing" };
    const token = await signed("sms", "mizan-internal+jwt", claims);
    expect(await reason(verifier.internal(token, "billing"))).toBe("BAD_CREDENTIALS");
    const access = await core.accessToken(maryam, 60);
    expect(await reason(verifier.internal(access, "mizan"))).toBe("BAD_CREDENTIALS");
  });
});

test("S15 a key that everyone can read, or that is none, does not sign", async () => {
  using place = temporaryFolder();
  await ensureCertificates(place.path, ["sms"]);
  const file = join(place.path, "sms.jwk");
  chmodSync(file, 0o644);
  expect(() => createSigner(place.path, "sms")).toThrow("everyone can read");
  writeFileSync(file, JSON.stringify({ kty: "oct", k: "c2VjcmV0", kid: "1" }));
  chmodSync(file, 0o600);
  expect(() => createSigner(place.path, "sms")).toThrow("no private Ed25519 key");
  expect(() => createSigner(place.path, "core")).toThrow("ENOENT");
});

test("S6 keys rotate with overlap: old tokens stay valid, new ones are known at once", async () => {
  using place = temporaryFolder();
  await ensureCertificates(place.path, ["sms"]);
  using signer = createSigner(place.path, "sms", { everyMs: 5 });
  using reader = createVerifier(place.path, { everyMs: 3_600_000 });
  const before = await signer.internalToken("a");
  rmSync(join(place.path, "sms.jwk"));
  await ensureCertificates(place.path, ["sms"]);
  const kid = decodeProtectedHeader(before).kid;
  let after = before;
  for (let n = 0; decodeProtectedHeader(after).kid === kid; n++) {
    await new Promise((resolve) => setImmediate(resolve));
    after = await signer.internalToken(`audience ${n}`);
  }
  expect(await reader.internal(after, String(decodeJwt(after).aud))).toEqual({ service: "sms" });
  expect(await reader.internal(before, "a")).toEqual({ service: "sms" });
});

async function reason(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => "let through",
    (error: unknown) => reasonOf(error),
  );
}

function clockAt(startMs: number): Clock & { moveMs: (ms: number) => void } {
  let nowMs = startMs;
  return { nowMs: () => nowMs, monotonicMs: () => nowMs, moveMs: (ms) => void (nowMs += ms) };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function keyOf(service: string) {
  return JSON.parse(readFileSync(join(folder.path, `${service}.jwk`), "utf8")) as { kid: string };
}

function kidOf(service: string): string {
  return keyOf(service).kid;
}

/** An access token of core with other claims. */
async function mine(claims: object): Promise<string> {
  return signed("core", "at+jwt", { iss: "core", sub: "maryam", aud: "mizan", ...claims });
}

async function signed(service: string, typ: string, claims: object): Promise<string> {
  const key = await importJWK(keyOf(service) as never, "EdDSA");
  return new SignJWT(full(claims))
    .setProtectedHeader({ alg: "EdDSA", typ, kid: kidOf(service) })
    .sign(key);
}

function full(claims: object) {
  const [nbf, iat, exp] = [seconds() - 1, seconds() - 1, seconds() + 59];
  const person = { roles: ["USER"], verification_level: 0 };
  return { jti: "1", nbf, iat, exp, ...person, ...claims };
}

async function forged(header: { kid?: string }): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA");
  return new SignJWT(full({ iss: "core", sub: "maryam", aud: "mizan" }))
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", jwk: await exportJWK(publicKey), ...header })
    .sign(privateKey);
}

async function shared(): Promise<string> {
  const { x } = keyOf("core") as unknown as { x: string };
  return new SignJWT(full({ iss: "core", sub: "maryam", aud: "mizan" }))
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: kidOf("core") })
    .sign(Buffer.from(x, "base64url"));
}

function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = { alg: "none", typ: "at+jwt", kid: kidOf("core") };
  return `${part(header)}.${part(full({ iss: "core", sub: "maryam", aud: "mizan" }))}.`;
}

function tampered(token: string): string {
  const [header, claims, signature] = token.split(".");
  const text = Buffer.from(claims!, "base64url").toString().replace("USER", "ADMIN");
  return [header, Buffer.from(text).toString("base64url"), signature].join(".");
}
