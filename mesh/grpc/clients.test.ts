import { readFileSync } from "node:fs";
import http2 from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { afterAll, describe, expect, test } from "vitest";
import { callerKey } from "../access.ts";
import { timeLeftMs } from "../deadline.ts";
import { freePorts } from "../local/ports.ts";
import type { Person } from "../person.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { testMesh } from "../testing/mesh.ts";
import { traceKey } from "../trace.ts";
import { callOptions } from "./clients.ts";

const maryam: Person = { id: "maryam", roles: ["USER"], verificationLevel: 0 };
// The test service is of the package mizan.testing.v1, so that the service is called testing.
const mesh = await testMesh(["testing", "sms", "core"]);
afterAll(async () => mesh[Symbol.asyncDispose]());

const seen: HandlerContext[] = [];
const handler = (_request: unknown, context: HandlerContext) => {
  seen.push(context);
  return {};
};
await mesh.serve({
  name: "testing",
  service: GuardedService,
  implementation: { open: handler, own: handler, serve: handler },
});

describe("a client", () => {
  test("proves its service, and is let through by the whole chain", async () => {
    const sms = mesh.clients("sms").of(GuardedService);
    await sms.serve({});
    expect(seen.pop()!.values.get(callerKey)).toEqual({ kind: "service", name: "sms" });
    const core = mesh.clients("core").of(GuardedService);
    expect(infoOf(await failureOf(core.serve({}))).reason).toBe("NOT_ALLOWED");
  });

  test("passes on the person, the trace, the deadline and the signal of the call it serves", async () => {
    const clients = mesh.clients("sms");
    const testing = clients.of(GuardedService);
    await testing.open({});
    const context = seen.pop()!;
    context.values.set(callerKey, { kind: "person", person: maryam });
    await testing.own({}, callOptions({ ...context, signal: new AbortController().signal }));
    const { values } = seen.pop()!;
    expect(values.get(callerKey)).toEqual({ kind: "person", person: maryam });
    expect(values.get(traceKey)!.traceId).toBe(context.values.get(traceKey)!.traceId);
    expect(timeLeftMs(values)).toBeLessThanOrEqual(timeLeftMs(context.values)! + 5);
    const stopped = callOptions({ ...context, signal: AbortSignal.abort() });
    expect((await failureOf(testing.own({}, stopped))).code).toBe(Code.Canceled);
  });

  test("G7 ends at the default deadline of the method", async () => {
    await mesh.clients("sms").of(GuardedService).open({});
    expect(timeLeftMs(seen.pop()!.values)).toBeLessThanOrEqual(2000);
  });

  test("G17 has one channel for each service, however many clients ask", async () => {
    const clients = mesh.clients("sms");
    const calls = Array.from({ length: 10 }, async () => clients.of(GuardedService).open({}));
    await Promise.all(calls);
    expect(clients.channels()).toBe(1);
  });

  test("asks for no service that has no address", () => {
    expect(() => mesh.clients("sms").of({ ...GuardedService, typeName: "mizan.no.v1.X" })).toThrow(
      "there is no address of no",
    );
  });
});

describe("G10 a method that is safe to repeat", () => {
  test("waits for a service that is away, and is answered when it is back", async () => {
    await using place = await testMesh(["testing", "sms"]);
    const [port] = await freePorts(1);
    const served = {
      name: "testing",
      service: GuardedService,
      implementation: { open: () => ({}) },
    };
    const first = await place.serve({ ...served, port: port! });
    const client = place.clients("sms").of(GuardedService);
    await client.open({});
    await first.drain(0);
    const call = client.open({}, { timeoutMs: 10_000 });
    await sleep(50); // it is under way to nobody
    await place.serve({ ...served, port: port! });
    await expect(call).resolves.toBeDefined();
  });

  test("G9 is repeated after UNAVAILABLE, three times at most; the others never", async () => {
    await using place = await brokenMesh();
    for (const method of ["login", "open"] as const) {
      expect((await failureOf(place.client[method]({}))).code).toBe(Code.Unavailable);
    }
    expect(place.calls).toEqual(["Login", "Open", "Open", "Open"]);
  });

  test("G9 is hardly repeated any more when nothing succeeds", async () => {
    await using place = await brokenMesh();
    for (let call = 0; call < 50; call++) await failureOf(place.client.open({}));
    expect(place.calls.length).toBeLessThan(60);
  });
});

/** A service that answers nothing but UNAVAILABLE. */
async function brokenMesh() {
  const place = await testMesh(["testing", "sms"]);
  const calls: string[] = [];
  const broken = (_request: unknown, { method }: HandlerContext) => {
    calls.push(method.name);
    throw new ConnectError("away", Code.Unavailable);
  };
  const implementation = { open: broken, login: broken };
  await place.serve({ name: "testing", service: GuardedService, implementation, interceptors: [] });
  return { ...place, calls, client: place.clients("sms").of(GuardedService) };
}

test("G14 a deadline of years is shortened, not taken for one that is past", async () => {
  const server = await mesh.serve({
    name: "testing",
    service: GuardedService,
    implementation: { open: handler },
    interceptors: [],
  });
  const read = (file: string) => readFileSync(`${mesh.folder}/${file}`, "utf8");
  const session = http2.connect(`https://localhost:${server.port}`, {
    ca: read("ca.crt"),
    cert: read("sms.crt"),
    key: read("sms.key"),
  });
  for (const timeout of ["99999999H", "4294968S", "1193H"]) {
    const stream = session.request({
      ":method": "POST",
      ":path": "/mizan.testing.v1.GuardedService/Open",
      "content-type": "application/grpc",
      te: "trailers",
      "grpc-timeout": timeout,
    });
    stream.end(Buffer.alloc(5));
    const trailers = await new Promise<http2.IncomingHttpHeaders>((resolve) => {
      stream.on("trailers", resolve).on("data", () => {});
      stream.on("response", (headers) => headers["grpc-status"] && resolve(headers));
    });
    expect(trailers["grpc-status"]).toBe("0");
    expect(timeLeftMs(seen.pop()!.values)).toBeGreaterThan(3_600_000);
  }
  session.close();
});
