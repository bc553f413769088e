import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isSigned } from "./signature.ts";
import { temporaryFolder } from "./testing/folder.ts";
import { ensureTokenKeys, readKeys } from "./token-keys.ts";
import { createSigner } from "./tokens.ts";

const folder = temporaryFolder();
await ensureTokenKeys(folder.path, ["billing", "sms"]);
const billing = createSigner(folder.path, "billing");
afterAll(() => {
  billing[Symbol.dispose]();
  folder[Symbol.dispose]();
});
const keys = readKeys(join(folder.path, "jwks.json"));
const bytes = Buffer.from("the end of a chain");
const signed = { service: "billing", bytes, ...billing.sign(bytes) };

test("what a service has signed is proven by its public key", () => {
  expect(isSigned(keys, signed)).toBe(true);
});

test("other bytes, and other signatures, are not what was signed", () => {
  expect(isSigned(keys, { ...signed, bytes: Buffer.from("the end of a chair") })).toBe(false);
  expect(isSigned(keys, { ...signed, signature: signed.signature.map((byte) => byte ^ 1) })).toBe(
    false,
  );
  expect(isSigned(keys, { ...signed, signature: new Uint8Array(3) })).toBe(false);
});

test("a key that nobody knows, or that is another service's, proves nothing", () => {
  const { kid } = keys.find(({ service }) => service === "sms")!;
  for (const keyId of ["unknown", kid]) {
    expect(isSigned(keys, { ...signed, keyId })).toBeUndefined();
  }
  expect(isSigned(keys, { ...signed, service: "sms" })).toBeUndefined();
});
