import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:http2";
import { join } from "node:path";
import { Code, createClient } from "@connectrpc/connect";
import { ChannelCredentials } from "@grpc/grpc-js";
import { afterAll, describe, expect, test } from "vitest";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "#gen/grpc/health/v1/health_pb.ts";
import { OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { openIdentity } from "../identity.ts";
import { CONNECTION_GRACE_MS } from "../limits.ts";
import { ruleOf } from "../rule.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { testMesh } from "../testing/mesh.ts";
import { GrpcTransport } from "./transport.ts";

const mesh = await testMesh(["testing", "sms", "operator"]);
afterAll(async () => mesh[Symbol.asyncDispose]());

const serve = async (open = async () => ({})) =>
  mesh.serve({ name: "testing", service: GuardedService, implementation: { open } });

/** A channel of a service to a port. */
function transportTo(port: number, name = "sms"): GrpcTransport {
  using identity = openIdentity({ folder: mesh.folder, service: name, log: mesh.log });
  const options = { "grpc.ssl_target_name_override": "testing" };
  return new GrpcTransport(`127.0.0.1:${port}`, identity.channelCredentials("testing"), options);
}

describe("a drain", () => {
  test("A11 fails no call: those under way end well, new ones find no server", async () => {
    const running = Promise.withResolvers<object>();
    const started = Promise.withResolvers<void>();
    const server = await serve(async () => {
      started.resolve();
      return running.promise;
    });
    using transport = transportTo(server.port);
    const client = createClient(GuardedService, transport);
    const headers = { "x-internal-token": await mesh.signer("sms").internalToken("testing") };
    const call = client.open({}, { headers });
    await started.promise;
    const drained = server.drain(5000);
    running.resolve({});
    await expect(call).resolves.toBeDefined();
    await drained;
    const late = await failureOf(client.open({}, { headers, timeoutMs: 2000 }));
    expect(late.code).toBe(Code.Unavailable);
  });

  test("ends what takes longer than it may", async () => {
    const started = Promise.withResolvers<void>();
    const server = await serve(async () => {
      started.resolve();
      return new Promise(() => {});
    });
    using transport = transportTo(server.port);
    const client = createClient(GuardedService, transport);
    const headers = { "x-internal-token": await mesh.signer("sms").internalToken("testing") };
    const call = failureOf(client.open({}, { headers, timeoutMs: 10_000 }));
    await started.promise;
    await server.drain(20);
    expect([Code.Canceled, Code.Unavailable]).toContain((await call).code);
  });
});

describe("health", () => {
  test("answers every peer, without a token", async () => {
    const server = await serve();
    using transport = transportTo(server.port);
    const health = createClient(Health, transport);
    const { typeName: service } = GuardedService;
    expect(await health.check({})).toMatchObject({ status: Status.SERVING });
    expect(await health.check({ service })).toMatchObject({ status: Status.SERVING });
    server.setServing(false);
    expect(await health.check({ service })).toMatchObject({ status: Status.NOT_SERVING });
    expect((await failureOf(health.check({ service: "x" }))).code).toBe(Code.NotFound);
  });

  test("tells who watches of each change, and lets go at the end", async () => {
    const server = await serve();
    using transport = transportTo(server.port);
    const health = createClient(Health, transport);
    const seen: Status[] = [];
    for await (const { status } of health.watch({})) {
      seen.push(status);
      if (seen.length === 1) server.setServing(false);
      if (seen.length === 2) server.setServing(true);
      if (seen.length === 3) void server.drain(5000);
    }
    const { SERVING, NOT_SERVING } = Status;
    expect(seen).toEqual([SERVING, NOT_SERVING, SERVING, NOT_SERVING]);
  });

  test("says of a service that there is none, and goes on watching", async () => {
    const server = await serve();
    using transport = transportTo(server.port);
    const controller = new AbortController();
    const watch = createClient(Health, transport).watch({ service: "x" }, controller);
    for await (const { status } of watch) {
      expect(status).toBe(Status.SERVICE_UNKNOWN);
      break;
    }
    controller.abort();
    await server.drain(5000);
  });
});

test("G20 a connection that has its age is told so, and the streams on it go on", async () => {
  const told = Promise.withResolvers<void>();
  async function* watch() {
    yield { text: "before" };
    await told.promise;
    yield { text: "after" };
  }
  const server = await mesh.serve({
    name: "testing",
    service: GuardedService,
    implementation: { watch },
    connectionAgeMs: 100,
  });
  const { session, stream } = await watchPlainly(server.port);
  const ended = once(session, "close");
  const [parts, trailers] = [[] as Buffer[], once(stream, "trailers")];
  stream.on("data", (part: Buffer) => parts.push(part));
  await once(session, "goaway");
  expect(stream.destroyed).toBe(false);
  const { maxTimeoutMs } = ruleOf(OrderService.method.placeOrders)!;
  expect(CONNECTION_GRACE_MS).toBe(maxTimeoutMs);
  told.resolve();
  expect((await trailers)[0]).toMatchObject({ "grpc-status": "0" });
  expect(Buffer.concat(parts).toString()).toMatch(/before[^]*after/);
  await ended;
});

test("a drain cuts the connection that has its age and is not read any more", async () => {
  async function* watch() {
    for (let left = 100; left > 0; left -= 1) yield { text: "x".repeat(100_000) };
  }
  const options = { name: "testing", service: GuardedService, connectionAgeMs: 100 };
  const server = await mesh.serve({ ...options, implementation: { watch } });
  const { session, stream } = await watchPlainly(server.port);
  session.on("error", () => undefined);
  stream.on("error", () => undefined);
  const ended = once(session, "close");
  await once(session, "goaway");
  expect(stream.destroyed).toBe(false);
  await server.drain(200);
  await ended;
}, 10_000); // before the keepalive finds it dead

/** Watches as a peer does that is no client of ours; nothing is read yet. */
async function watchPlainly(port: number) {
  const pem = (name: string) => readFileSync(join(mesh.folder, name));
  const session = connect(`https://127.0.0.1:${port}`, {
    ca: pem("ca.crt"),
    cert: pem("sms.crt"),
    key: pem("sms.key"),
    checkServerIdentity: () => undefined,
  });
  const stream = session.request({
    ":method": "POST",
    ":path": `/${GuardedService.typeName}/Watch`,
    "content-type": "application/grpc",
    te: "trailers",
    "x-internal-token": await mesh.signer("sms").internalToken("testing"),
  });
  stream.end(Buffer.alloc(5)); // an empty message
  return { session, stream };
}

test("G23 a server speaks mTLS alone", async () => {
  const server = await serve();
  using plain = new GrpcTransport(`127.0.0.1:${server.port}`, ChannelCredentials.createInsecure());
  const error = await failureOf(createClient(Health, plain).check({}, { timeoutMs: 2000 }));
  expect(error.code).toBe(Code.Unavailable);
});

test("G15 a message above the limit is refused, and the server goes on", async () => {
  const server = await serve();
  using transport = transportTo(server.port);
  const client = createClient(GuardedService, transport);
  const error = await failureOf(client.open({ text: "x".repeat(2_000_000) }));
  expect(error.code).toBe(Code.ResourceExhausted);
  await expect(createClient(Health, transport).check({})).resolves.toBeDefined();
});

test("a port that is taken is an error at the start", async () => {
  const { port } = await serve();
  const again = mesh.serve({ name: "testing", service: GuardedService, implementation: {}, port });
  await expect(again).rejects.toThrow(/EADDRINUSE|address/i);
});

test("the whole chain refuses a call without a token, with a reason", async () => {
  const server = await serve();
  using transport = transportTo(server.port);
  const error = await failureOf(createClient(GuardedService, transport).open({}));
  expect(infoOf(error).reason).toBe("BAD_CREDENTIALS");
});
