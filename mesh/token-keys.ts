import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";
import { writePrivately } from "./write-privately.ts";

/** A public key of jwks.json; only the named service signs with it. */
export type TokenKey = JWK & { readonly kid: string; readonly service: string };

/**
 * Makes the token keys that are missing: {service}.jwk, private, and its public half in jwks.json.
 * Remove a private key to have it replaced; the public half of the one before stays beside it,
 * since tokens that it signed are still under way (S4, S6).
 */
export async function ensureTokenKeys(folder: string, services: readonly string[]): Promise<void> {
  const file = join(folder, "jwks.json");
  const known = readOrNone(file);
  for (const service of services) {
    const kid = readKid(join(folder, `${service}.jwk`));
    const own = known.filter((key) => key.service === service);
    if (own.some((key) => key.kid === kid)) continue;
    const { secret, shown } = await createKey(service);
    const others = readOrNone(file).filter((key) => key.service !== service);
    const keys = [...others, ...own.slice(-1), shown];
    writePrivately(file, JSON.stringify({ keys }, null, 2)); // readers know a key before its use
    writePrivately(join(folder, `${service}.jwk`), JSON.stringify(secret, null, 2));
  }
}

/** Reads a set of public keys; throws on what is none. */
export function readKeys(file: string): readonly TokenKey[] {
  const { keys } = JSON.parse(readFileSync(file, "utf8")) as { keys?: unknown };
  if (!Array.isArray(keys) || !keys.every(isTokenKey)) throw new Error(`${file} is no key set`);
  return keys;
}

async function createKey(service: string): Promise<{ secret: JWK; shown: TokenKey }> {
  const pair = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const shown = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(shown);
  const described = { kid, alg: "EdDSA", use: "sig", service };
  const secret = { ...(await exportJWK(pair.privateKey)), ...described };
  return { secret, shown: { ...shown, ...described } };
}

function readOrNone(file: string): readonly TokenKey[] {
  return existsSync(file) ? readKeys(file) : [];
}

function readKid(file: string): string | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as JWK).kid : undefined;
}

function isTokenKey(key: unknown): key is TokenKey {
  const { kid, service, kty, crv, d } = key as Partial<TokenKey>;
  const named = typeof kid === "string" && typeof service === "string";
  return named && kty === "OKP" && crv === "Ed25519" && d === undefined;
}
