import { createPrivateKey, sign as signBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type JWK, type JWTPayload, SignJWT } from "jose";
import { boundedMap } from "./bounded-map.ts";
import { type Clock, systemClock } from "./clock.ts";
import { newId } from "./ids.ts";
import { lastGood } from "./last-good.ts";
import { INTERNAL_TOKEN_LIFE_S, MAX_ACCESS_TOKEN_LIFE_S, MAX_KNOWN_TOKENS } from "./limits.ts";
import type { Log } from "./log.ts";
import { type Person, toClaims } from "./person.ts";

/** Makes the tokens of one service. */
export type Signer = Disposable & {
  /** Proves a person to every service; only core's are believed. Lives 10 minutes at most (S4). */
  readonly accessToken: (person: Person, lifetimeS: number) => Promise<string>;
  /**
   * Proves this service to the audience, and says for whom it calls. Lives a minute and is given
   * again for half of that (S6).
   */
  readonly internalToken: (audience: string, person?: Person) => Promise<string>;
  /** Signs bytes that are no token, for those who have jwks.json (Ed25519). */
  readonly sign: (bytes: Uint8Array) => Signature;
};

/** A signature, and the key of jwks.json that proves it. */
type Signature = { readonly keyId: string; readonly signature: Uint8Array };

/** What reading keys from a folder takes beside it; a test may have its own clock. */
export type KeyOptions = {
  readonly log?: Pick<Log, "warn">;
  readonly clock?: Clock;
  readonly everyMs?: number;
};

/** The kinds of token, which never pass for each other. */
export const tokenTypes = { access: "at+jwt", internal: "mizan-internal+jwt" } as const;
/** The one algorithm (S4). */
export const tokenAlgorithm = "EdDSA";
/** The audience of an access token: all of the platform. */
export const accessAudience = "mizan";

/** Signs with {service}.jwk of a folder, and with its successor once that is there. */
export function createSigner(
  folder: string,
  service: string,
  { log, clock = systemClock, everyMs }: KeyOptions = {},
): Signer {
  const file = join(folder, `${service}.jwk`);
  const key = lastGood<JWK>({
    read: () => readKey(file),
    equal: (one, other) => one.kid === other.kid,
    onBad: (err) => log?.warn({ err, service }, "the token key can't be used; the last stays"),
    ...(everyMs !== undefined && { everyMs }),
  });
  const sent = boundedMap<string, { token: Promise<string>; renewMs: number }>(MAX_KNOWN_TOKENS);
  const sign = async (type: string, claims: JWTPayload, lifetimeS: number) => {
    const nowS = Math.floor(clock.nowMs() / 1000);
    const secret = key.current();
    return new SignJWT({ jti: newId(), iss: service, nbf: nowS, ...claims })
      .setProtectedHeader({ alg: tokenAlgorithm, typ: type, kid: secret.kid! })
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + lifetimeS)
      .sign(secret); // which jose imports once
  };
  return {
    accessToken: (person, lifetimeS) => {
      const lifeS = Math.min(lifetimeS, MAX_ACCESS_TOKEN_LIFE_S);
      return sign(tokenTypes.access, { ...toClaims(person), aud: accessAudience }, lifeS);
    },
    internalToken: (audience, person) => {
      const name = person === undefined ? audience : JSON.stringify([audience, toClaims(person)]);
      const known = sent.get(name);
      if (known !== undefined && clock.nowMs() < known.renewMs) return known.token;
      const claims = { sub: service, aud: audience, ...(person && { person: toClaims(person) }) };
      const token = sign(tokenTypes.internal, claims, INTERNAL_TOKEN_LIFE_S);
      sent.set(name, { token, renewMs: clock.nowMs() + INTERNAL_TOKEN_LIFE_S * 500 });
      token.catch(() => sent.delete(name));
      return token;
    },
    sign: (bytes) => {
      const secret = key.current();
      const usable = createPrivateKey({ key: secret, format: "jwk" });
      return { keyId: secret.kid!, signature: new Uint8Array(signBytes(null, bytes, usable)) };
    },
    [Symbol.dispose]: () => key[Symbol.dispose](),
  };
}

function readKey(file: string): JWK {
  if ((statSync(file).mode & 0o007) !== 0) throw new Error(`everyone can read ${file}`); // S15
  const key = JSON.parse(readFileSync(file, "utf8")) as JWK;
  const usable = key.kty === "OKP" && key.crv === "Ed25519" && typeof key.kid === "string";
  if (!usable || typeof key.d !== "string") throw new Error(`${file} is no private Ed25519 key`);
  return key;
}
