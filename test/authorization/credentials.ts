import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ChannelCredentials } from "@grpc/grpc-js";
import { createAuthority, issue } from "#mesh/authority.ts";
import type { Clock } from "#mesh/clock.ts";
import { newId } from "#mesh/ids.ts";
import type { Person, Role } from "#mesh/person.ts";
import { toChannelCredentials } from "#mesh/tls.ts";
import { createSigner, type Signer } from "#mesh/tokens.ts";
import type { Bearer, Identity, Kind } from "./oracle.ts";

/** Somebody who calls over gRPC. */
export type Inside = Extract<Identity, { wire: "grpc" }>;

/** Makes what identities prove themselves with, from the keys and certificates of a stack. */
export type Credentials = Disposable & {
  /** For a channel to the named service. */
  readonly channel: (who: Inside, target: string) => Promise<ChannelCredentials>;
  /** The headers of a call of the named service. */
  readonly headers: (who: Identity, target: string) => Promise<Record<string, string>>;
};

/** Reads the folder of the certificates of a stack. */
export function createCredentials(certs: string): Credentials {
  const signers = signersOf(certs);
  const people = {
    USER: person("USER"),
    MERCHANT: person("USER", "MERCHANT"),
    ADMIN: person("ADMIN"),
  };
  return {
    channel: async (who, target) => channelOf(certs, who, target),
    headers: async (who, target) => {
      const bearer = await bearerOf(who.bearer ?? "nothing", { signers, people, target });
      if (who.wire === "http") return toHeader("authorization", bearer && `Bearer ${bearer}`);
      if (who.certificate === "missing") return {};
      const internal = await internalOf(who, { signers, people, target });
      return {
        ...toHeader("x-internal-token", internal),
        ...toHeader("authorization", bearer && `Bearer ${bearer}`),
      };
    },
    [Symbol.dispose]: () => signers[Symbol.dispose](),
  };
}

type Signers = Disposable & {
  readonly of: (name: string) => Signer;
  /** Signs as if it were some time ago. */
  readonly earlier: (name: string) => Signer;
};

type Means = {
  readonly signers: Signers;
  readonly people: Readonly<Record<Kind, Person>>;
  /** The service that is called. */
  readonly target: string;
};

async function bearerOf(shown: Bearer, { signers, people, target }: Means) {
  switch (shown) {
    case "nothing":
      return undefined;
    case "forged":
      return signers.of("sms").accessToken(people.ADMIN, 60); // only what core signs is believed
    case "internal":
      return signers.of("core").internalToken(target, people.ADMIN);
    case "expired":
      return signers.earlier("core").accessToken(people.ADMIN, 60);
    default:
      return signers.of("core").accessToken(people[shown], 600);
  }
}

async function internalOf(who: Inside, { signers, people, target }: Means) {
  const { name, internal, person: kind } = who;
  const whom = kind && people[kind];
  switch (internal) {
    case "missing":
      return undefined;
    case "another's":
      return signers.of(otherThan(name)).internalToken(target, whom);
    case "for another service":
      return signers.of(name).internalToken(otherThan(target), whom);
    case "expired":
      return signers.earlier(name).internalToken(target, whom);
    default:
      return signers.of(name).internalToken(target, whom);
  }
}

/** Core, whom most is allowed; sms where that is the same. */
function otherThan(name: string): string {
  return name === "core" ? "sms" : "core";
}

function toHeader(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

function signersOf(certs: string): Signers {
  const made = new DisposableStack();
  const known = new Map<string, Signer>();
  const signer = (name: string, clock?: Clock) => {
    const id = `${name} ${clock === undefined}`;
    const signs = known.get(id) ?? made.use(createSigner(certs, name, clock && { clock }));
    known.set(id, signs);
    return signs;
  };
  const of = (name: string) => signer(name);
  return { of, earlier: (name) => signer(name, hourAgo), [Symbol.dispose]: () => made.dispose() };
}

const HOUR_MS = 3600_000;
const hourAgo: Clock = { nowMs: () => Date.now() - HOUR_MS, monotonicMs: () => 0 };

function person(...roles: Role[]): Person {
  return { id: newId(), roles, verificationLevel: 0 };
}

async function channelOf(certs: string, { name, certificate }: Inside, target: string) {
  const read = (file: string) => readFileSync(join(certs, file), "utf8");
  const authority = read("ca.crt");
  if (certificate === "missing") return ChannelCredentials.createSsl(Buffer.from(authority));
  if (certificate === "good") {
    const own = { authority, certificate: read(`${name}.crt`), key: read(`${name}.key`) };
    return toChannelCredentials(own, target);
  }
  const isExpired = certificate === "expired";
  const [notBefore, notAfter] = [new Date(Date.now() - HOUR_MS), new Date(Date.now() + HOUR_MS)];
  const end = isExpired ? new Date(Date.now() - 1000) : notAfter;
  const issuer = isExpired
    ? { certificate: authority, key: read("ca.key") }
    : await createAuthority(notBefore, notAfter);
  const made = await issue(issuer, { service: name, notBefore, notAfter: end });
  return toChannelCredentials({ ...made, authority }, target);
}
