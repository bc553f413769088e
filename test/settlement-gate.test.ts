import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PayoutService } from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { RequestLogService } from "#gen/mizan/core/v1/request_log_service_pb.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { reasonOf } from "#mesh/errors.ts";
import { GrpcTransport } from "#mesh/grpc/transport.ts";
import { derivedId, newId } from "#mesh/ids.ts";
import { ensureTokenKeys } from "#mesh/token-keys.ts";
import { createSigner } from "#mesh/tokens.ts";
import { inside } from "../scripts/platform/inside.ts";
import { outside } from "../scripts/platform/outside.ts";
import { identities } from "../scripts/platform/services.ts";
import { type TemporaryStack, temporaryStack } from "../scripts/platform/temporary-stack.ts";
import { createCredentials, type Credentials, type Inside } from "./authorization/credentials.ts";

// Only core may have settlement pay, with its certificate and a fresh token of its own for
// settlement (GATE-1, GATE-2). Every refusal is logged with who tried and why; no token is. The
// request log has no secret of anybody either, on real processes.

const IBAN = "IR820540102680020817909002";
const ACCOUNT_NUMBER = "0100123456789";
const PASSWORD = "canary of a password 7";

const cleanup = new AsyncDisposableStack();
const secrets = new Set<string>([IBAN, ACCOUNT_NUMBER, PASSWORD]);
const errors: string[] = [];
let temporary: TemporaryStack;
let credentials: Credentials;

beforeAll(async () => {
  temporary = cleanup.use(await temporaryStack({ say: () => undefined }));
  credentials = cleanup.use(createCredentials(dev().certs));
}, 300_000); // a first start may build the broker
afterAll(async () => cleanup.disposeAsync());

const core: Inside = { wire: "grpc", name: "core", certificate: "good", internal: "own" };
const refusedBy = {
  token: [Code.Unauthenticated, "BAD_CREDENTIALS"],
  age: [Code.Unauthenticated, "TOKEN_EXPIRED"],
  rule: [Code.PermissionDenied, "NOT_ALLOWED"],
  tls: [Code.Unavailable, undefined],
} as const;

describe("S11 CreatePayout", () => {
  test.each<[what: string, who: Partial<Inside>, outcome: keyof typeof refusedBy]>([
    ["(a) without a token", { internal: "missing" }, "token"],
    ["(b) with a token that is too old", { internal: "expired" }, "age"],
    [
      "(d) with core's token and the certificate of sms",
      { name: "sms", internal: "another's" },
      "rule",
    ],
    ["(e) of sms with its own token", { name: "sms" }, "rule"],
    ["(f) with an expired certificate", { certificate: "expired" }, "tls"],
    ["(f) without a certificate", { certificate: "missing" }, "tls"],
  ])("%s is refused", async (_, who, outcome) => {
    const error = await failureOf(pay({ ...core, ...who }));
    expect([error.code, reasonOf(error)]).toEqual(refusedBy[outcome]);
  });

  test("(c) with core's own token for billing is refused", async () => {
    const headers = await credentials.headers(core, "billing");
    const error = await failureOf(pay(core, headers));
    expect([error.code, reasonOf(error)]).toEqual(refusedBy.token);
  });

  test("(h) as it should be is accepted", async () => {
    const { payout } = await pay(core);
    expect(payout!.amount).toMatchObject({ asset: "IRR", amount: "1.00" });
    expect(payout!.bankAccount).not.toContain(IBAN.slice(2, -4));
  });

  test("(i) on the old path answers 401 without a token, and 403 with one", async () => {
    const ask = async (headers: Record<string, string>) => {
      const body = JSON.stringify({ account: IBAN, amount: -1 });
      const sent = { "content-type": "application/json", ...headers };
      const url = `${dev().origin}/api/settlement/withdraw`;
      return (await fetch(url, { method: "POST", headers: sent, body })).status;
    };
    const token = (await credentials.headers(core, "settlement"))["x-internal-token"]!;
    secrets.add(token);
    expect([await ask({}), await ask({ "x-internal-token": token })]).toEqual([401, 403]);
  });

  test("(g) with a token of the key before is accepted while both keys are known", async () => {
    using signer = createSigner(dev().certs, "core");
    const token = await signer.internalToken("settlement");
    const known = readFileSync(join(dev().certs, "core.jwk"), "utf8");
    rmSync(join(dev().certs, "core.jwk"));
    await ensureTokenKeys(dev().certs, identities);
    expect(readFileSync(join(dev().certs, "core.jwk"), "utf8")).not.toBe(known);
    using successor = createSigner(dev().certs, "core");
    const fresh = await successor.internalToken("settlement");
    const paid = await pay(core, { "x-internal-token": fresh }); // settlement has read both keys
    expect(paid.payout).toBeDefined();
    expect((await pay(core, { "x-internal-token": token })).payout).toBeDefined();
  });
});

test("GATE-1 each refusal is in the request log, with who tried and why", async () => {
  const method = "mizan.settlement.v1.PayoutService/CreatePayout";
  const logged = async () => (await logs("settlement")).map(summary);
  const expected = [
    `${method} public by core: Unauthenticated BAD_CREDENTIALS`,
    `${method} public by core: Unauthenticated TOKEN_EXPIRED`,
    `${method} public by sms: PermissionDenied NOT_ALLOWED`,
    `${method} service:sms by sms: PermissionDenied NOT_ALLOWED`,
    `${method} service:core by core: Ok `,
    "(connection) public by 127.0.0.1: Unauthenticated BAD_CERTIFICATE",
    "(connection) public by 127.0.0.1: Unauthenticated NO_CERTIFICATE",
    "POST /api/settlement/withdraw public by 127.0.0.1: Unauthenticated BAD_CREDENTIALS",
    "POST /api/settlement/withdraw public by 127.0.0.1: PermissionDenied NOT_ALLOWED",
  ];
  await expect.poll(logged).toEqual(expect.arrayContaining(expected));
});

test("GATE-3 a call from outside of what is for core alone is refused and logged", async () => {
  const url = `${dev().origin}/mizan.settlement.v1.PayoutService/GetPayout`;
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${await adminToken()}`,
  };
  expect((await fetch(url, { method: "POST", headers, body: "{}" })).status).toBe(403);
  const expected =
    "mizan.settlement.v1.PayoutService/GetPayout public by 127.0.0.1: PermissionDenied NOT_ALLOWED";
  await expect.poll(async () => (await logs("settlement")).map(summary)).toContain(expected);
});

test("S12 no token, password, IBAN or account number is in the request log or any other", async () => {
  await leaveCanaries();
  const shown = async () => (await logs("core")).map(summary).join("\n");
  await expect.poll(shown).toContain("LastOfAll");
  const found = new Map<string, string>();
  found.set("request log", await rowsOf("core", "select * from request_log"));
  const events = "select encode(payload, 'escape') from outbox where subject like '%CallsLogged%'";
  found.set("events", await rowsOf("settlement", events));
  found.set("errors", errors.join("\n"));
  const logFolder = join(dirname(dev().certs), "logs");
  for (const name of readdirSync(logFolder)) {
    found.set(name, readFileSync(join(logFolder, name), "utf8"));
  }
  expect(found.get("request log")).toContain("[iban]");
  expect(found.get("events")).toContain("CreatePayout");
  expect(secrets.size).toBeGreaterThan(10);
  const leaks = [...found].flatMap(([where, text]) =>
    [...secrets].filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${where}`),
  );
  expect(leaks).toEqual([]);
});

/** Joins, logs in, fails to log in, registers a merchant: with secrets wherever one may stand. */
async function leaveCanaries(): Promise<void> {
  const username = `canary-${Date.now().toString(36)}`;
  const people = outside(dev().origin).users;
  const asIban = { headers: { "idempotency-key": IBAN } };
  await people.registerUser({ username, password: PASSWORD }, asIban);
  const tokens = await people.login({ username, password: PASSWORD });
  secrets.add(tokens.accessToken).add(tokens.refreshToken);
  const renewed = await people.refreshSession({ refreshToken: tokens.refreshToken });
  secrets.add(renewed.accessToken).add(renewed.refreshToken);
  await failureOf(people.login({ username: PASSWORD.replaceAll(" ", "-"), password: PASSWORD }));
  const merchant = { username: `m-${username}`, password: PASSWORD, bankAccount: IBAN };
  const bodies = [
    { ...merchant, requestedCredit: { asset: "IRR", amount: "5.00" } },
    {
      ...merchant,
      requestedCredit: { asset: "IRR", amount: "wrong" },
      bankAccount: ACCOUNT_NUMBER,
    },
    { ...merchant, bankAccount: `${IBAN}${IBAN}` },
  ];
  const keys = [`account-${ACCOUNT_NUMBER}`, renewed.accessToken.slice(0, 255), `to:${IBAN}`];
  secrets.add(renewed.accessToken.slice(20, 60));
  for (const [index, body] of bodies.entries()) {
    await post("mizan.core.v1.MerchantService/RegisterMerchant", body, keys[index]);
  }
  await post("mizan.core.v1.MerchantService/ApproveMerchant", { merchantId: IBAN });
  await post("mizan.core.v1.UserService/GetCurrentUser", {}, "LastOfAll");
}

async function post(method: string, body: object, key = ""): Promise<void> {
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${await adminToken()}`,
    ...(key && { "idempotency-key": key }),
  };
  const sent = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`${dev().origin}/${method}`, sent);
  const text = await response.text(); // an answer may tell people what is theirs
  if (!response.ok) errors.push(text);
}

let admin: string | undefined;

async function adminToken(): Promise<string> {
  admin ??= (await outside(dev().origin).users.login(dev().admin)).accessToken;
  secrets.add(admin).add(dev().admin.password);
  return admin;
}

/** The newest calls of core or settlement. */
async function logs(service: string) {
  using operator = inside(dev(), "operator", await adminToken());
  const client = operator.of(RequestLogService);
  const { requestLogs } = await client.listRequestLogs({ method: service, pageSize: 200 });
  expect(requestLogs.every((one) => one.service === service)).toBe(true);
  return requestLogs;
}

type Log = Awaited<ReturnType<typeof logs>>[number];

function summary({ method, principal, peer, ip, code, reason, idempotencyKey }: Log): string {
  const key = idempotencyKey === "LastOfAll" ? " LastOfAll" : "";
  return `${method} ${principal} by ${peer || ip}: ${code} ${reason}${key}`;
}

async function rowsOf(name: string, query: string): Promise<string> {
  const url = dev().databases[name]!;
  await using connection = await openConnection({ url, name: "test" });
  return JSON.stringify(await connection.query(query));
}

/** Asks settlement for a payout of 1.00 as somebody. */
async function pay(who: Inside, headers?: Record<string, string>) {
  const shown = headers ?? (await credentials.headers(who, "settlement"));
  const token = shown["x-internal-token"];
  if (token !== undefined) secrets.add(token);
  const options = { "grpc.ssl_target_name_override": "settlement" };
  const channel = await credentials.channel(who, "settlement");
  using transport = new GrpcTransport(dev().grpc["settlement"]!, channel, options);
  const id = newId();
  const request = {
    requestId: id,
    payoutId: id,
    merchantId: newId(),
    accountId: derivedId(id),
    amount: { asset: "IRR", amount: "1.00" },
    bankAccount: IBAN,
  };
  const client = createClient(PayoutService, transport);
  return await client.createPayout(request, { headers: shown, timeoutMs: 10_000 });
}

async function failureOf(call: Promise<unknown>): Promise<ConnectError> {
  const error = await call.then(
    () => expect.unreachable("the call should have failed"),
    (reason: unknown) => ConnectError.from(reason),
  );
  errors.push(JSON.stringify({ message: error.message, details: error.details }, bigints));
  return error;
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function dev() {
  return temporary.current().describe();
}
