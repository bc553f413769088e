import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createConnectTransport } from "@connectrpc/connect-node";
import { ChannelCredentials, Server } from "@grpc/grpc-js";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { type Caller, callerKey } from "../access.ts";
import { ensureCertificates } from "../certificates.ts";
import type { Clock } from "../clock.ts";
import { reasonOf } from "../errors.ts";
import { addService } from "../grpc/serve.ts";
import { GrpcTransport } from "../grpc/transport.ts";
import type { Person } from "../person.ts";
import { authority } from "../testing/certificates.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { listen } from "../testing/wires.ts";
import { type Identity, toChannelCredentials } from "../tls.ts";
import { createVerifier } from "../token-verifier.ts";
import { createSigner, type Signer } from "../tokens.ts";
import { access } from "./access.ts";

type Method = "open" | "own" | "manage" | "serve" | "both" | "bare";
const user: Person = { id: "maryam", roles: ["USER"], verificationLevel: 0 };
const merchant: Person = { ...user, id: "shop", roles: ["USER", "MERCHANT"] };
const admin: Person = { ...user, id: "boss", roles: ["ADMIN"] };

const folder = temporaryFolder();
await ensureCertificates(folder.path, ["core", "sms", "matching", "operator", "billing"]);
const names = ["core", "sms", "matching", "operator"] as const;
const signers = new Map(names.map((name) => [name, createSigner(folder.path, name)]));
const verifier = createVerifier(folder.path);
const ours = await authority();
const theirs = await authority();
const certificates = new Map<string, Identity>();
for (const name of names) certificates.set(name, await ours.issue(name));
const billing = await ours.issue("billing");
const revoked = await ours.issue("sms");
const { fingerprint256 } = new X509Certificate(revoked.certificate);

const calls: Caller[] = [];
const handler = (_request: unknown, { values }: { values: { get: (key: never) => unknown } }) => {
  calls.push(values.get(callerKey as never) as Caller);
  return {};
};
const implementation = {
  open: handler,
  own: handler,
  manage: handler,
  serve: handler,
  both: handler,
  bare: handler,
};
const isDenied = (fingerprint: string) => fingerprint === fingerprint256;
const interceptors = [access({ service: "billing", verifier, isDenied })];
const server = new Server();
addService(server, GuardedService, implementation, interceptors);
const mesh = await listen(server, billing);
const edge = http.createServer(
  connectNodeAdapter({
    interceptors,
    routes: (router) => void router.service(GuardedService, implementation),
  }),
);
await once(edge.listen(0, "localhost"), "listening");
const origin = `http://localhost:${(edge.address() as AddressInfo).port}`;

afterAll(async () => {
  await mesh[Symbol.asyncDispose]();
  edge.close();
  for (const one of [...signers.values(), verifier, folder]) one[Symbol.dispose]();
});

beforeEach(() => void (calls.length = 0));

describe("inside, a connection", () => {
  test.each<[string, () => ChannelCredentials | Promise<ChannelCredentials>]>([
    ["in plain text", () => ChannelCredentials.createInsecure()],
    ["without a certificate", () => ChannelCredentials.createSsl(Buffer.from(billing.authority))],
    [
      "with a certificate of another authority",
      async () => {
        const forged = { ...(await theirs.issue("sms")), authority: billing.authority };
        return toChannelCredentials(forged, "billing");
      },
    ],
    [
      "with an expired certificate",
      async () => {
        const [notBefore, notAfter] = [
          new Date(Date.now() - 7200_000),
          new Date(Date.now() - 1000),
        ];
        return toChannelCredentials(await ours.issue("sms", { notBefore, notAfter }), "billing");
      },
    ],
    [
      "with a certificate that is not valid yet",
      async () => {
        const notBefore = new Date(Date.now() + 3600_000);
        const notAfter = new Date(Date.now() + 7200_000);
        return toChannelCredentials(await ours.issue("sms", { notBefore, notAfter }), "billing");
      },
    ],
    ["G22 to a server that is another service", () => toChannelCredentials(sms(), "core")],
  ])("%s is refused", async (_, credentials) => {
    using transport = transportWith(await credentials());
    const call = createClient(GuardedService, transport).open({}, { timeoutMs: 3000 });
    expect((await failure(call)).code).toBe(Code.Unavailable);
    expect(calls).toEqual([]);
  });
});

describe("inside, a certificate", () => {
  test.each<[string, () => Promise<Identity> | Identity]>([
    ["of another trust domain", () => ours.issue("sms", { uris: ["spiffe://evil/sms"] })],
    [
      "with two names",
      () => ours.issue("sms", { uris: ["spiffe://mizan/sms", "spiffe://mizan/core"] }),
    ],
    ["without a name", () => ours.issue("sms", { uris: [] })],
    ["that is revoked", () => revoked],
  ])("%s proves nobody", async (_, identity) => {
    const call = await inside(await identity(), {
      internal: () => signer("sms").internalToken("billing"),
    });
    expect(await refusal(call("open"))).toEqual([Code.Unauthenticated, "BAD_CREDENTIALS"]);
    expect(calls).toEqual([]);
  });
});

describe("inside, an internal token", () => {
  test.each<[string, (() => Promise<string>) | undefined, string]>([
    ["that is missing", undefined, "BAD_CREDENTIALS"],
    ["that is none", async () => "hello", "BAD_CREDENTIALS"],
    ["for another audience", () => signer("sms").internalToken("core"), "BAD_CREDENTIALS"],
    ["that is stale", () => stale("sms"), "TOKEN_EXPIRED"],
    ["that is an access token", () => signer("core").accessToken(admin, 60), "BAD_CREDENTIALS"],
  ])("%s is refused for every method", async (_, internal, reason) => {
    const call = await inside(sms(), internal && { internal });
    for (const method of ["open", "own", "serve", "both"] as const) {
      expect(await refusal(call(method))).toEqual([Code.Unauthenticated, reason]);
    }
    expect(calls).toEqual([]);
  });
});

test("S11 inside, a good token of another service is refused for every method", async () => {
  const call = await inside(sms(), { internal: () => signer("core").internalToken("billing") });
  for (const method of ["open", "own", "serve", "both"] as const) {
    expect(await refusal(call(method))).toEqual([Code.PermissionDenied, "NOT_ALLOWED"]);
  }
  expect(calls).toEqual([]);
});

/** Who is let through: "-" for nobody, else the caller that the handler sees. */
const matrix: [who: string, as: As, Record<Method, string>][] = [
  ["sms alone", { name: "sms" }, row("sms", "401", "403", "sms", "sms")],
  ["sms for a user", { name: "sms", for: user }, row("maryam", "maryam", "403", "sms", "sms")],
  ["sms for a merchant", { name: "sms", for: merchant }, row("shop", "shop", "403", "sms", "sms")],
  ["sms for an admin", { name: "sms", for: admin }, row("boss", "403", "403", "sms", "sms")],
  ["matching", { name: "matching" }, row("403", "403", "403", "403", "403")],
  [
    "matching for an admin",
    { name: "matching", for: admin },
    row("403", "403", "403", "403", "403"),
  ],
  ["the operator alone", { name: "operator" }, row("-", "401", "401", "403", "401")],
  [
    "the operator as a user",
    { name: "operator", as: user },
    row("maryam", "maryam", "403", "403", "maryam"),
  ],
  [
    "the operator as an admin",
    { name: "operator", as: admin },
    row("boss", "403", "boss", "403", "403"),
  ],
  [
    "the operator for a user",
    { name: "operator", for: user },
    row("-", "401", "401", "403", "401"),
  ],
];

describe("AC-1 AC-2 AC-4 inside, the access rule", () => {
  test.each(matrix)("lets %s do what it may", async (_, as, expected) => {
    const call = await inside(certificates.get(as.name)!, {
      internal: () => signer(as.name).internalToken("billing", as.for),
      ...(as.as && { access: () => signer("core").accessToken(as.as!, 60) }),
    });
    expect(await outcomes(call)).toEqual(expected);
  });

  test("refuses an access token of the operator that is not valid", async () => {
    const internal = () => signer("operator").internalToken("billing");
    const forged = await inside(certificates.get("operator")!, {
      internal,
      access: async () => "x",
    });
    expect(await refusal(forged("own"))).toEqual([Code.Unauthenticated, "BAD_CREDENTIALS"]);
    expect(calls).toEqual([]);
  });
});

describe("AC-3 outside, the access rule", () => {
  test.each<[string, Person | undefined, Record<Method, string>]>([
    ["somebody", undefined, row("-", "401", "401", "403", "401")],
    ["a user", user, row("maryam", "maryam", "403", "403", "maryam")],
    ["a merchant", merchant, row("shop", "shop", "403", "403", "shop")],
    ["an admin", admin, row("boss", "403", "boss", "403", "403")],
  ])("lets %s do what the person may", async (_, person, expected) => {
    const token = person && (await signer("core").accessToken(person, 60));
    expect(await outcomes(outside(token === undefined ? {} : bearer(token)))).toEqual(expected);
  });

  test.each<[string, () => Promise<Record<string, string>>, string]>([
    ["another scheme", async () => ({ authorization: "Basic eDp5" }), "BAD_CREDENTIALS"],
    ["no token", async () => ({ authorization: "Bearer " }), "BAD_CREDENTIALS"],
    ["a wrong token", async () => ({ authorization: "Bearer a.b.c" }), "BAD_CREDENTIALS"],
    ["an expired token", async () => bearer(await staleAccess()), "TOKEN_EXPIRED"],
    [
      "the token of a person that sms signed",
      async () => bearer(await signer("sms").accessToken(user, 60)),
      "BAD_CREDENTIALS",
    ],
    [
      "an internal token",
      async () => bearer(await signer("core").internalToken("billing", user)),
      "BAD_CREDENTIALS",
    ],
  ])("refuses %s, but for what is public", async (_, headers, reason) => {
    const call = outside(await headers());
    expect(await refusal(call("own"))).toEqual([Code.Unauthenticated, reason]);
    expect(calls).toEqual([]);
    await call("open");
    expect(calls).toEqual([undefined]);
  });

  test("closes a method for services, whatever the headers say", async () => {
    const call = outside({
      ...bearer(await signer("core").accessToken(admin, 60)),
      "x-internal-token": await signer("sms").internalToken("billing"),
    });
    expect(await refusal(call("serve"))).toEqual([Code.PermissionDenied, "NOT_ALLOWED"]);
    expect(calls).toEqual([]);
  });
});

type As = { name: (typeof names)[number]; for?: Person; as?: Person };
type Credentials = { internal?: () => Promise<string>; access?: () => Promise<string> };
type Call = (method: Method) => Promise<unknown>;

function row(...[open, own, manage, serve, both]: [string, string, string, string, string]) {
  return { open, own, manage, serve, both, bare: "403" };
}

/** What becomes of a call of each method: who the handler saw, or the HTTP status of the refusal. */
async function outcomes(call: Call): Promise<Record<Method, string>> {
  const found: Partial<Record<Method, string>> = {};
  for (const method of Object.keys(implementation) as Method[]) {
    calls.length = 0;
    const statuses: Partial<Record<Code, string>> = {
      [Code.Unauthenticated]: "401",
      [Code.PermissionDenied]: "403",
    };
    found[method] = await call(method).then(
      () => nameOf(calls[0]),
      (error: ConnectError) => statuses[error.code] ?? String(error),
    );
    expect(calls).toHaveLength(/^40[13]$/.test(found[method]) ? 0 : 1);
  }
  return found as Record<Method, string>;
}

function nameOf(caller: Caller): string {
  if (caller === undefined) return "-";
  return caller.kind === "person" ? caller.person.id : caller.name;
}

async function inside(identity: Identity, credentials: Credentials = {}): Promise<Call> {
  const headers = new Headers();
  if (credentials.internal) headers.set("x-internal-token", await credentials.internal());
  if (credentials.access) headers.set("authorization", `Bearer ${await credentials.access()}`);
  const transport = transportWith(toChannelCredentials(identity, "billing"));
  const client = createClient(GuardedService, transport);
  return (method) => client[method]({}, { headers });
}

function outside(headers: Record<string, string> = {}): Call {
  const transport = createConnectTransport({ baseUrl: origin, httpVersion: "1.1" });
  const client = createClient(GuardedService, transport);
  return (method) => client[method]({}, { headers });
}

function transportWith(credentials: ChannelCredentials): GrpcTransport {
  return new GrpcTransport(mesh.address, credentials);
}

function signer(name: (typeof names)[number]): Signer {
  return signers.get(name)!;
}

function sms(): Identity {
  return certificates.get("sms")!;
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` };
}

async function stale(name: string): Promise<string> {
  using past = createSigner(folder.path, name, { clock: earlier });
  return await past.internalToken("billing");
}

async function staleAccess(): Promise<string> {
  using past = createSigner(folder.path, "core", { clock: earlier });
  return await past.accessToken(user, 60);
}

const earlier: Clock = { nowMs: () => Date.now() - 120_000, monotonicMs: () => 0 };

async function refusal(call: Promise<unknown>): Promise<[Code, string | undefined]> {
  const error = await failure(call);
  return [error.code, reasonOf(error)];
}

async function failure(call: Promise<unknown>): Promise<ConnectError> {
  return call.then(
    () => expect.unreachable("the call should have failed"),
    (reason) => reason as ConnectError,
  );
}
