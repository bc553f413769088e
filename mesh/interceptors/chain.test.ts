import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import { Code, createClient, type ServiceImpl } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createAdmission } from "../admission/admission.ts";
import type { CallRecord } from "../call-record.ts";
import { startEdge } from "../edge.ts";
import { startGrpcServer } from "../grpc/server.ts";
import { GrpcTransport } from "../grpc/transport.ts";
import { openIdentity } from "../identity.ts";
import type { Person } from "../person.ts";
import { createTelemetry } from "../telemetry.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { testMesh } from "../testing/mesh.ts";
import { createVerifier } from "../token-verifier.ts";
import { CORRELATION_HEADER, currentTrace } from "../trace.ts";
import { serverChain } from "./chain.ts";

const maryam: Person = { id: "maryam", roles: ["USER"], verificationLevel: 0 };
const stack = new AsyncDisposableStack();
afterAll(async () => stack.disposeAsync());

const mesh = stack.use(await testMesh(["core", "sms", "testing"]));
const { folder, log } = mesh;
const identity = stack.use(openIdentity({ folder, service: "testing", log }));
const verifier = stack.use(createVerifier(folder));
const telemetry = stack.use(createTelemetry("testing"));
const traces: (string | undefined)[] = [];
const handler = async ({ text }: { text: string }) => {
  traces.push(currentTrace()?.traceId);
  if (text === "broken") throw new Error("the handler is broken");
  return { text };
};
const calls: CallRecord[] = [];
const interceptors = serverChain({
  calls: (call) => void calls.push(call),
  gate: { service: "testing", verifier },
  log,
  telemetry,
  admission: createAdmission(),
});
const implementation: Partial<ServiceImpl<typeof GuardedService>> = {
  own: handler,
  write: handler,
  writeItems: handler,
  watch: async function* watch({ text }, { signal }) {
    yield { text };
    if (text === "sleeping") await sleep(60_000, undefined, { signal });
    await once(signal, "abort");
    throw text === "broken" ? new Error("the handler is broken") : signal.reason;
  },
};
const contract = [
  { service: GuardedService, implementation: implementation as Partial<ServiceImpl<DescService>> },
];
const common = { host: "127.0.0.1", port: 0, contract, interceptors };
const grpc = stack.use(await startGrpcServer({ ...common, identity, hasReflection: false }));
const edge = stack.use(
  await startEdge({ ...common, log, telemetry, trustedProxies: [], allowedOrigins: [] }),
);

/** A client on each wire, of the same person. */
async function clients() {
  const sms = openIdentity({ folder, service: "sms", log });
  const credentials = sms.channelCredentials("testing");
  sms[Symbol.dispose]();
  const inside = stack.use(
    new GrpcTransport(`127.0.0.1:${grpc.port}`, credentials, {
      "grpc.ssl_target_name_override": "testing",
    }),
  );
  const outside = createConnectTransport({
    baseUrl: `http://127.0.0.1:${edge.port}`,
    httpVersion: "1.1",
  });
  const internal = await mesh.signer("sms").internalToken("testing", maryam);
  const access = await mesh.signer("core").accessToken(maryam, 60);
  return {
    grpc: { transport: inside, headers: { "x-internal-token": internal } },
    http: { transport: outside, headers: { authorization: `Bearer ${access}` } },
  };
}

const wires = await clients();

beforeEach(() => {
  log.records.length = 0;
  traces.length = 0;
  calls.length = 0;
});

describe.each(Object.entries(wires))("over %s", (wire, { transport, headers }) => {
  const client = createClient(GuardedService, transport);

  test("a call is let through, and its log line tells who called what", async () => {
    await client.own({ text: "hello" }, { headers });
    const method = "mizan.testing.v1.GuardedService/Own";
    expect(log.records).toMatchObject([
      { level: "debug", msg: "answered", method, wire, caller: "maryam" },
    ]);
    expect(log.records[0]!["ms"]).toEqual(expect.any(Number));
  });

  test("GATE-3 whoever listens is told of every call, refused ones too", async () => {
    const from = wire === "grpc" ? { peer: "sms", ip: "" } : { peer: "", ip: "127.0.0.1" };
    await client.own({ requestId: "mine" }, { headers });
    await failureOf(client.own({ text: "NOT VALID" }, { headers }));
    await failureOf(client.own({ text: "broken" }, { headers }));
    await failureOf(client.manage({}, { headers }));
    await failureOf(client.own({}, { headers: { "idempotency-key": "mine" } }));
    const who = wire === "grpc" ? "service:sms" : "maryam";
    expect(calls).toMatchObject([
      { principal: "maryam", code: "Ok", reason: "", idempotencyKey: "mine", ...from },
      { principal: "maryam", code: "InvalidArgument", reason: "VALIDATION_FAILED", ...from },
      { principal: "maryam", code: "Internal", reason: "INTERNAL", ...from },
      { principal: who, code: "PermissionDenied", reason: "NOT_ALLOWED", ...from },
      { principal: "public", code: "Unauthenticated", idempotencyKey: "mine", ...from },
    ]);
    const [{ method, atMs, durationMs, objectId }] = calls as [CallRecord];
    expect([method, objectId]).toEqual(["mizan.testing.v1.GuardedService/Own", ""]);
    expect(Date.now() - atMs).toBeLessThan(10_000);
    expect(durationMs).toBeGreaterThanOrEqual(0);
  });

  test("a key that we have made is not one of the caller", async () => {
    if (wire === "grpc") return; // inside every call has one
    await client.writeItems({}, { headers });
    expect(calls).toMatchObject([{ idempotencyKey: "" }]);
  });

  test("a call goes on with the trace that it came with", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    await client.own({}, { headers: { ...headers, traceparent, [CORRELATION_HEADER]: "mine" } });
    expect(traces).toEqual([traceId]);
    expect(log.records).toMatchObject([{ trace_id: traceId, correlation_id: "mine" }]);
  });

  test("every call is counted, by its method and its code", async () => {
    await client.write({ requestId: "1" }, { headers });
    await failureOf(client.write({ requestId: "2", text: "broken" }, { headers }));
    await failureOf(client.write({ requestId: "3", text: "NOT VALID" }, { headers }));
    const { text } = await telemetry.page();
    const method = `method="mizan.testing.v1.GuardedService/Write"`;
    for (const code of ["ok", "internal", "invalid_argument"]) {
      expect(text).toMatch(new RegExp(`mizan_calls_total\\{${method},code="${code}".*\\} [12]\n`));
    }
    expect(telemetry.inFlight()).toBe(0);
  });

  test.each(["waiting", "sleeping"])(
    "a stream that its caller leaves while it is %s is canceled",
    async (text) => {
      await leave(text);
      await expect.poll(() => log.records).toHaveLength(1);
      expect(log.records).toMatchObject([
        { level: "info", msg: "refused", code: "Canceled", reason: "CANCELED" },
      ]);
      const { text: page } = await telemetry.page();
      const method = `method="mizan.testing.v1.GuardedService/Watch"`;
      expect(page).toMatch(new RegExp(`mizan_calls_total\\{${method},code="canceled"`));
    },
  );

  test("a stream that breaks when its caller leaves is found in the log", async () => {
    await leave("broken");
    await expect.poll(() => log.records).toHaveLength(1);
    expect(log.records).toMatchObject([
      { level: "error", err: { message: "the handler is broken" } },
    ]);
  });

  /** Begins to watch, and goes. */
  async function leave(text: string) {
    const reader = new AbortController();
    const stream = client.watch({ text }, { headers, signal: reader.signal });
    const messages = stream[Symbol.asyncIterator]();
    await messages.next();
    reader.abort();
    await failureOf(messages.next());
  }

  test("what nobody foresaw is masked, and found in the log by its correlation id", async () => {
    const correlated = { ...headers, [CORRELATION_HEADER]: "find-me" };
    const call = client.own({ text: "broken" }, { headers: correlated });
    const error = await failureOf(call);
    expect([error.code, error.rawMessage]).toEqual([Code.Internal, "internal error"]);
    expect(infoOf(error).metadata).toEqual({ correlation_id: "find-me" });
    expect(log.records).toMatchObject([
      { level: "error", correlation_id: "find-me", err: { message: "the handler is broken" } },
    ]);
  });

  test("a caller who proves nothing is refused before the request is looked at", async () => {
    const error = await failureOf(client.own({ text: "NOT VALID" }));
    expect(infoOf(error).reason).toBe("BAD_CREDENTIALS");
    expect(log.records).toMatchObject([{ level: "info", msg: "refused", caller: "public" }]);
    expect(traces).toEqual([]);
  });
});
