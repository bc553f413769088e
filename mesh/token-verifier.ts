import { join } from "node:path";
import { errors, type JWTHeaderParameters, jwtVerify, type JWTPayload } from "jose";
import { boundedMap } from "./bounded-map.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type LastGood, lastGood } from "./last-good.ts";
import {
  INTERNAL_TOKEN_LIFE_S,
  MAX_ACCESS_TOKEN_LIFE_S,
  MAX_KNOWN_TOKENS,
  MAX_TOKEN_LENGTH,
  MIN_RELOAD_MS,
  TOKEN_LEEWAY_S,
} from "./limits.ts";
import { fromClaims, type Person } from "./person.ts";
import { fail } from "./reasons.ts";
import { readKeys, type TokenKey } from "./token-keys.ts";
import { accessAudience, type KeyOptions, tokenAlgorithm, tokenTypes } from "./tokens.ts";

/** What an internal token says: which service calls, and for whom. */
type InternalToken = { readonly service: string; readonly person?: Person };

/** Reads tokens. Throws TOKEN_EXPIRED for one that was good, BAD_CREDENTIALS for all others. */
export type Verifier = Disposable & {
  /** The person of an access token, which core has signed. */
  readonly access: (token: string) => Promise<Person>;
  /** The caller of an internal token that is meant for the audience; the caller has signed it. */
  readonly internal: (token: string, audience: string) => Promise<InternalToken>;
};

/** Believes the keys of jwks.json of a folder, each for its own service alone (S4, S6). */
export function createVerifier(
  folder: string,
  { log, clock = systemClock, everyMs }: KeyOptions = {},
): Verifier {
  const keys = lastGood<readonly TokenKey[]>({
    read: () => readKeys(join(folder, "jwks.json")),
    equal: (one, other) => JSON.stringify(one) === JSON.stringify(other),
    onBad: (err) => log?.warn({ err }, "the token keys can't be read; the last stay"),
    ...(everyMs !== undefined && { everyMs }),
  });
  const access = known<Person>();
  const internal = known<InternalToken>();
  keys.onChange(() => {
    access.clear();
    internal.clear();
  });
  const check = checker(keys, clock);
  return {
    access: async (token) => {
      const before = access.get(token);
      if (before !== undefined && clock.nowMs() < before.expiresMs) return before.value;
      const claims = await check(token, kinds.access);
      const value = fromClaims(claims);
      if (value === undefined || claims.iss !== "core" || claims.aud !== accessAudience) {
        throw bad(kinds.access);
      }
      access.set(token, { value, audience: accessAudience, expiresMs: claims.exp! * 1000 });
      return value;
    },
    internal: async (token, audience) => {
      const before = internal.get(token);
      if (before?.audience === audience && clock.nowMs() < before.expiresMs) {
        return before.value;
      }
      const { iss, sub, aud, exp, ["person"]: claims } = await check(token, kinds.internal);
      const person = fromClaims(claims);
      const isWhole = claims === undefined || person !== undefined;
      if (sub !== iss || aud !== audience || !isWhole) throw bad(kinds.internal);
      const value = { service: sub!, ...(person && { person }) };
      internal.set(token, { value, audience, expiresMs: exp! * 1000 });
      return value;
    },
    [Symbol.dispose]: () => keys[Symbol.dispose](),
  };
}

/** What tokens were found to say, for as long as they are valid. */
function known<T>() {
  type Known = { readonly value: T; readonly audience: string; readonly expiresMs: number };
  return boundedMap<string, Known>(MAX_KNOWN_TOKENS);
}

/** Checks all of a token but for whom it is. */
function checker(keys: LastGood<readonly TokenKey[]>, clock: Clock) {
  const find = (kid: unknown) => keys.current().find((key) => key.kid === kid);
  let reloadedMs = -Infinity;
  /** A key that signs since a moment ago is looked for, but forged names don't keep us reading. */
  const isTimeToReload = () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - reloadedMs < MIN_RELOAD_MS) return false;
    reloadedMs = nowMs;
    return true;
  };
  const findKey = async ({ kid }: JWTHeaderParameters) => {
    const key = find(kid) ?? (isTimeToReload() && keys.reload() ? find(kid) : undefined);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key; // jose imports it once
  };
  return async (token: string, kind: Kind): Promise<JWTPayload> => {
    if (token.length > MAX_TOKEN_LENGTH) throw bad(kind);
    const { payload, protectedHeader } = await jwtVerify(token, findKey, {
      typ: kind.typ,
      algorithms: [tokenAlgorithm],
      maxTokenAge: kind.maxAgeS,
      clockTolerance: TOKEN_LEEWAY_S,
      currentDate: new Date(clock.nowMs()),
      requiredClaims: ["iss", "aud", "sub", "exp", "nbf", "iat", "jti"],
    }).catch((reason: unknown) => {
      throw reason instanceof errors.JWTExpired
        ? fail("TOKEN_EXPIRED", { header: kind.header })
        : bad(kind);
    });
    if (payload.iss !== find(protectedHeader.kid)?.service) throw bad(kind);
    return payload;
  };
}

type Kind = { readonly typ: string; readonly header: string; readonly maxAgeS: number };

const kinds = {
  access: {
    typ: tokenTypes.access,
    header: "authorization",
    maxAgeS: MAX_ACCESS_TOKEN_LIFE_S,
  },
  internal: {
    typ: tokenTypes.internal,
    header: "x-internal-token",
    maxAgeS: INTERNAL_TOKEN_LIFE_S,
  },
} as const satisfies Record<string, Kind>;

function bad({ header }: Kind) {
  return fail("BAD_CREDENTIALS", { header });
}
