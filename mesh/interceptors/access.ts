import { Code, type Interceptor } from "@connectrpc/connect";
import { Audience } from "#gen/mizan/access/v1/access_pb.ts";
import { type Caller, callerKey } from "../access.ts";
import { reasons } from "../errors.ts";
import { type Peer, peerKey } from "../grpc/peer.ts";
import type { Person, Role } from "../person.ts";
import { fail } from "../reasons.ts";
import { type MethodRule, ruleOf } from "../rule.ts";
import type { Verifier } from "../token-verifier.ts";
import { isDenied, type Peers } from "./peers.ts";

/** What the access rules are checked with. */
export type Gate = Peers & {
  /** The service that is called: the audience of internal tokens. */
  readonly service: string;
  readonly verifier: Pick<Verifier, "access" | "internal">;
};

/**
 * Lets through the calls that the access rule of the method allows, and tells the handler who
 * calls. Throws BAD_CREDENTIALS or TOKEN_EXPIRED for callers who don't prove who they are, and
 * NOT_ALLOWED for those who may not call (AC-1 to AC-4).
 */
export function access(gate: Gate): Interceptor {
  return (next) => async (request) => {
    const { contextValues, header, method } = request;
    const rule = ruleOf(method);
    if (rule === undefined) throw refuse("NOT_ALLOWED"); // AC-2, G24
    const peer = contextValues.get(peerKey);
    // The log tells who was refused, so the caller is known before the rule is asked.
    const know = (caller: Caller) => void contextValues.set(callerKey, caller);
    const call = { gate, rule, header, know };
    know(peer === undefined ? await outside(call) : await inside(call, peer));
    return next(request);
  };
}

type Call = {
  readonly gate: Gate;
  readonly rule: MethodRule;
  readonly header: Headers;
  /** Is told who calls, as soon as that is proved. */
  readonly know: (caller: Caller) => void;
};

/** AC-3: a person by the token; nobody where the method is for all. */
async function outside(call: Call): Promise<Caller> {
  const { gate, rule, header } = call;
  const { audience } = rule;
  if (audience.size === 1 && audience.has(Audience.SERVICE)) {
    throw fail("NOT_ALLOWED", { caller: "A caller outside the mesh" });
  }
  const bearer = bearerOf(header.get("authorization"));
  if (!audience.has(Audience.PUBLIC)) {
    return admitted(call, await gate.verifier.access(bearer ?? ""));
  }
  if (bearer === undefined) return undefined;
  // Whoever logs in again may still send the old token; it makes nobody of the caller, no error.
  const person = await gate.verifier.access(bearer).catch(() => undefined);
  return person && { kind: "person", person };
}

/** AC-4: a service by certificate and internal token, or the person that the token names. */
async function inside(call: Call, peer: Peer): Promise<Caller> {
  const { gate, rule, header, know } = call;
  const { service: name } = peer;
  if (name === undefined || isDenied(gate, peer)) {
    throw refuse("BAD_CREDENTIALS");
  }
  const internal = header.get("x-internal-token") ?? "";
  const { service, person } = await gate.verifier.internal(internal, gate.service);
  // Whoever shows a good token of somebody else is known by the certificate, and may nothing (S6).
  if (service !== name) throw fail("NOT_ALLOWED", { caller: `${name} with a token of ${service}` });
  // The operator needs no naming: it calls what a person may call from outside, as that person.
  if (name === "operator") return outside(call);
  know({ kind: "service", name });
  if (!rule.callers.has(name)) throw fail("NOT_ALLOWED", { caller: name });
  const { audience } = rule;
  if (audience.has(Audience.SERVICE)) return { kind: "service", name, ...(person && { person }) };
  if (person !== undefined) return admitted(call, person);
  if (audience.has(Audience.PUBLIC)) return { kind: "service", name };
  throw fail("BAD_CREDENTIALS", { header: "x-internal-token" });
}

/** The token of the header authorization. */
export function bearerOf(authorization: string | null | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
}

/** The person, if one of the person's roles is in the audience. */
function admitted({ rule, know }: Call, person: Person): Caller {
  know({ kind: "person", person });
  if (!isFor(rule, person)) throw fail("NOT_ALLOWED", { caller: person.id });
  return { kind: "person", person };
}

/** Whether a method is for a person. */
export function isFor({ audience }: MethodRule, { roles }: Person): boolean {
  return audience.has(Audience.PUBLIC) || roles.some((role) => audience.has(audiences[role]));
}

/** Refusals that no header would change. */
const refuse = reasons("mesh", {
  BAD_CREDENTIALS: [Code.Unauthenticated, "The certificate does not prove who calls."],
  NOT_ALLOWED: [Code.PermissionDenied, "The method has no access rule and serves nobody."],
});

const audiences: Record<Role, Audience> = {
  USER: Audience.USER,
  MERCHANT: Audience.MERCHANT,
  ADMIN: Audience.ADMIN,
};
