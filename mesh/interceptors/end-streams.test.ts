import { once } from "node:events";
import { Code, createClient } from "@connectrpc/connect";
import { afterAll, expect, test } from "vitest";
import { openIdentity } from "../identity.ts";
import { GrpcTransport } from "../grpc/transport.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { testMesh } from "../testing/mesh.ts";

const mesh = await testMesh(["testing", "sms"]);
afterAll(async () => mesh[Symbol.asyncDispose]());

async function serveWatch() {
  const endings: unknown[] = [];
  const server = await mesh.serve({
    name: "testing",
    service: GuardedService,
    implementation: {
      watch: async function* watch({ text }, { signal }) {
        yield { text };
        await once(signal, "abort");
        endings.push(signal.reason);
        throw signal.reason;
      },
    },
  });
  using identity = openIdentity({ folder: mesh.folder, service: "sms", log: mesh.log });
  const options = { "grpc.ssl_target_name_override": "testing" };
  const credentials = identity.channelCredentials("testing");
  const transport = new GrpcTransport(`127.0.0.1:${server.port}`, credentials, options);
  const headers = { "x-internal-token": await mesh.signer("sms").internalToken("testing") };
  const client = createClient(GuardedService, transport);
  const watch = (signal = new AbortController().signal) => {
    const stream = client.watch({ text: "a" }, { headers, signal });
    return stream[Symbol.asyncIterator]();
  };
  return { server, endings, watch, [Symbol.dispose]: () => transport[Symbol.dispose]() };
}

test("a drain ends streams at once, and tells their readers why", async () => {
  using world = await serveWatch();
  const stream = world.watch();
  expect((await stream.next()).value).toMatchObject({ text: "a" });
  const started = performance.now();
  const drained = world.server.drain(10_000);
  const failure = await failureOf(stream.next());
  expect([failure.code, infoOf(failure).reason]).toEqual([Code.Unavailable, "SHUTTING_DOWN"]);
  await drained;
  expect(performance.now() - started).toBeLessThan(5000);
});

test("a stream ends with its reader as before", async () => {
  using world = await serveWatch();
  const reader = new AbortController();
  const stream = world.watch(reader.signal);
  await stream.next();
  reader.abort();
  expect((await failureOf(stream.next())).code).toBe(Code.Canceled);
  await expect.poll(() => world.endings).toHaveLength(1);
  expect(world.endings[0]).toMatchObject({ code: Code.Canceled });
});
