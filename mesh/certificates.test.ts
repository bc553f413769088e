import { createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureCertificates } from "./certificates.ts";
import { AUTHORITY_LIFE_MS, CERTIFICATE_LIFE_MS } from "./limits.ts";
import { temporaryFolder } from "./testing/folder.ts";
import { certificatesOf, serviceName } from "./tls.ts";
import { readKeys } from "./token-keys.ts";

test("a folder gets an authority, and a certificate and token keys for each service", async () => {
  using folder = temporaryFolder();
  await ensureCertificates(folder.path, ["core", "operator"]);
  expect(readdirSync(folder.path).toSorted()).toEqual([
    "ca.crt",
    "ca.key",
    "core.crt",
    "core.jwk",
    "core.key",
    "jwks.json",
    "operator.crt",
    "operator.jwk",
    "operator.key",
  ]);
  const [authority] = certificatesOf(read(folder, "ca.crt"));
  const [core] = certificatesOf(read(folder, "core.crt"));
  expect(core!.verify(authority!.publicKey)).toBe(true);
  expect(core!.checkPrivateKey(createPrivateKey(read(folder, "core.key")))).toBe(true);
  expect(serviceName({ subjectaltname: core!.subjectAltName! })).toBe("core");
  expect(core!.checkHost("localhost")).toBe("localhost");
  expect(core!.checkIP("127.0.0.1")).toBe("127.0.0.1");
});

test("S15 nobody but the owner can read what was made", async () => {
  using folder = temporaryFolder();
  await ensureCertificates(folder.path, ["core"]);
  const modes = readdirSync(folder.path).map((name) => statSync(join(folder.path, name)).mode);
  expect(new Set(modes.map((mode) => mode & 0o777))).toEqual(new Set([0o600]));
});

test("what is there and has life left stays as it is", async () => {
  using folder = temporaryFolder();
  await ensureCertificates(folder.path, ["core"]);
  const before = all(folder);
  await ensureCertificates(folder.path, ["core"]);
  expect(all(folder)).toEqual(before);
});

test("a certificate that is near its end, or whose key is another's, is made anew", async () => {
  using folder = temporaryFolder();
  await ensureCertificates(folder.path, ["core", "sms"]);
  const [authority, core] = [read(folder, "ca.crt"), read(folder, "core.crt")];
  writeFileSync(join(folder.path, "sms.key"), read(folder, "core.key"));
  const sms = read(folder, "sms.crt");
  await ensureCertificates(folder.path, ["core", "sms"]);
  expect(read(folder, "core.crt")).toBe(core);
  expect(read(folder, "sms.crt")).not.toBe(sms);
  await ensureCertificates(folder.path, ["core"], Date.now() + CERTIFICATE_LIFE_MS * 0.7);
  expect(read(folder, "core.crt")).not.toBe(core);
  expect(read(folder, "ca.crt")).toBe(authority);
});

test("G21 a new authority stands beside the old one until that has ended", async () => {
  using folder = temporaryFolder();
  await ensureCertificates(folder.path, ["core"]);
  const [old] = certificatesOf(read(folder, "ca.crt"));
  await ensureCertificates(folder.path, ["core"], Date.now() + AUTHORITY_LIFE_MS * 0.7);
  const [next, last] = certificatesOf(read(folder, "ca.crt"));
  expect(last!.fingerprint256).toBe(old!.fingerprint256);
  expect(certificatesOf(read(folder, "core.crt"))[0]!.verify(next!.publicKey)).toBe(true);
  await ensureCertificates(folder.path, ["core"], Date.now() + AUTHORITY_LIFE_MS * 1.5);
  const left = certificatesOf(read(folder, "ca.crt")).map(({ fingerprint256 }) => fingerprint256);
  expect(left).toEqual([expect.any(String), next!.fingerprint256]);
});

test("S6 a replaced token key leaves the public half of the one before", async () => {
  using folder = temporaryFolder();
  await ensureCertificates(folder.path, ["core", "sms"]);
  const [first] = keysOf(folder, "core");
  for (const kept of [2, 2]) {
    rmSync(join(folder.path, "core.jwk"));
    await ensureCertificates(folder.path, ["core", "sms"]);
    expect(keysOf(folder, "core")).toHaveLength(kept);
  }
  expect(keysOf(folder, "core").map(({ kid }) => kid)).not.toContain(first!.kid);
  expect(keysOf(folder, "sms")).toHaveLength(1);
  expect(read(folder, "jwks.json")).not.toContain('"d"');
});

function keysOf(folder: { path: string }, service: string) {
  return readKeys(join(folder.path, "jwks.json")).filter((key) => key.service === service);
}

function read(folder: { path: string }, name: string): string {
  return readFileSync(join(folder.path, name), "utf8");
}

function all(folder: { path: string }) {
  return readdirSync(folder.path).map((name) => [name, read(folder, name)]);
}
