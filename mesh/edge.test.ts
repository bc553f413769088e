import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import {
  Code,
  ConnectError,
  createClient,
  type HandlerContext,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clientKey } from "./client.ts";
import type { CallRecord } from "./call-record.ts";
import { type Edge, type EdgeOptions, startEdge } from "./edge.ts";
import { reasonOf } from "./errors.ts";
import { MAX_EDGE_CALLS, MAX_MESSAGE_BYTES } from "./limits.ts";
import { createLog } from "./log.ts";
import { fail } from "./reasons.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";
import { PublicService } from "./testing/public-service.ts";
import { traceKey } from "./trace.ts";

const path = "/mizan.testing.v1.PublicService";
const json = { "content-type": "application/json" };

let edge: Edge;
let origin: string;
let telemetry: Telemetry;
let lines: Record<string, unknown>[];
let seen: HandlerContext | undefined;
let ended: Promise<unknown>;
let waiting: number;

beforeEach(async () => {
  [lines, seen, waiting] = [[], undefined, 0];
  telemetry = createTelemetry("testing");
  await serve({});
});
afterEach(async () => {
  await edge[Symbol.asyncDispose]();
  telemetry[Symbol.dispose]();
});

test("a call with plain JSON is answered, as curl would make it", async () => {
  const response = await post("Ask", '"hello"', {
    "content-type": "application/json; charset=utf-8",
  });
  expect([response.status, await response.text()]).toEqual([200, '"hello"']);
  expect(response.headers.get("cache-control")).toBe("no-store");
});

test("a read is served as GET too, a mutation is not", async () => {
  const question = `?connect=v1&encoding=json&message=${encodeURIComponent('"hello"')}`;
  const response = await fetch(`${origin}${path}/Read${question}`);
  expect([response.status, await response.text()]).toEqual([200, '"hello"']);
  expect(await refusalOf(fetch(`${origin}${path}/Ask${question}`))).toEqual([
    405,
    "VERB_NOT_ALLOWED",
  ]);
});

test.each([
  ["Connect", createConnectTransport],
  ["gRPC-Web", createGrpcWebTransport],
])("clients of %s make every kind of call that HTTP/1.1 carries", async (_name, transport) => {
  const client = createClient(PublicService, transport({ baseUrl: origin, httpVersion: "1.1" }));
  expect((await client.ask({ value: "a" })).value).toBe("a");
  const watched: string[] = [];
  for await (const { value } of client.watch({ value: "ab" })) watched.push(value);
  expect(watched).toEqual(["a", "b"]);
  expect((await client.tell(texts("a", "b"))).value).toBe("ab");
  const error = await client.ask({ value: "refuse" }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: Code.ResourceExhausted });
  expect(reasonOf(error)).toBe("RATE_LIMITED");
});

test("AC-3 a method for services alone is closed, whatever the headers, and that is told", async () => {
  const calls: CallRecord[] = [];
  await serve({ calls: (call) => void calls.push(call) });
  const headers = { ...json, "x-internal-token": "x", authorization: "Bearer x" };
  expect(await refusalOf(post("Inside", '"a"', headers))).toEqual([403, "NOT_ALLOWED"]);
  expect(seen).toBeUndefined();
  const method = "mizan.testing.v1.PublicService/Inside";
  const told = { method, code: "PermissionDenied", reason: "NOT_ALLOWED", ip: "127.0.0.1" };
  expect(calls).toMatchObject([told]);
  expect(lines).toMatchObject([told]);
  await post("Ask", "{");
  expect(calls).toMatchObject([told, { reason: "MALFORMED_REQUEST", principal: "public" }]);
});

test.each<[string, () => Promise<Response>, number, string]>([
  ["an unknown method", () => post("Nothing", "{}"), 404, "METHOD_NOT_FOUND"],
  ["an unknown path", () => fetch(`${origin}/nothing?x=1`), 404, "PATH_NOT_FOUND"],
  ["another verb", () => fetch(`${origin}${path}/Ask`, { method: "PUT" }), 405, "VERB_NOT_ALLOWED"],
  [
    "a form (S16)",
    () => post("Ask", "a=b", typed("application/x-www-form-urlencoded")),
    415,
    "WRONG_CONTENT_TYPE",
  ],
  ["plain text (S16)", () => post("Ask", '"a"', typed("text/plain")), 415, "WRONG_CONTENT_TYPE"],
  ["no content type (S16)", () => post("Ask", new Uint8Array([1]), {}), 415, "WRONG_CONTENT_TYPE"],
  [
    "gRPC over HTTP/1.1",
    () => post("Ask", "", typed("application/grpc")),
    415,
    "WRONG_CONTENT_TYPE",
  ],
  ["a GET without a request", () => fetch(`${origin}${path}/Read`), 400, "MALFORMED_REQUEST"],
  [
    "a GET with garbage",
    () => fetch(`${origin}${path}/Read?encoding=proto&base64=1&message=!`),
    400,
    "MALFORMED_REQUEST",
  ],
  ["no JSON", () => post("Ask", "{nonsense"), 400, "MALFORMED_REQUEST"],
  ["nothing at all", () => post("Ask", ""), 400, "MALFORMED_REQUEST"],
  ["JSON of another type", () => post("Ask", "{}"), 400, "MALFORMED_REQUEST"],
  ["deep JSON", () => post("Ask", "[".repeat(100_000)), 400, "MALFORMED_REQUEST"],
  [
    "bytes that are no message (A8)",
    () => post("Ask", "\u000a\u0005a", typed("application/proto")),
    400,
    "MALFORMED_REQUEST",
  ],
  [
    "garbage instead of gzip",
    () => post("Ask", "nonsense", { ...json, "content-encoding": "gzip" }),
    400,
    "MALFORMED_REQUEST",
  ],
  [
    "an unknown compression",
    () => post("Ask", "x", { ...json, "content-encoding": "zstd" }),
    501,
    "REQUEST_NOT_SUPPORTED",
  ],
  [
    "a bad timeout",
    () => post("Ask", '"a"', { ...json, "connect-timeout-ms": "-1" }),
    400,
    "MALFORMED_REQUEST",
  ],
  [
    "a stream both ways (AD-14)",
    () => post("Talk", "", typed("application/connect+json")),
    505,
    "HTTP2_NEEDED",
  ],
  [
    "too large a body (G15)",
    () => post("Ask", `"${"x".repeat(MAX_MESSAGE_BYTES)}"`),
    413,
    "MESSAGE_TOO_LARGE",
  ],
  [
    "a body without length that is too large (G15)",
    () => post("Ask", endless()),
    413,
    "MESSAGE_TOO_LARGE",
  ],
  [
    "a bomb of gzip (G15)",
    () => post("Ask", gzipSync("x".repeat(50_000_000)), { ...json, "content-encoding": "gzip" }),
    413,
    "MESSAGE_TOO_LARGE",
  ],
  [
    "a page of another origin (S16)",
    () => post("Ask", '"a"', { ...json, origin: "https://evil.example" }),
    403,
    "ORIGIN_NOT_ALLOWED",
  ],
  [
    "a page without an origin (S16)",
    () => post("Ask", '"a"', { ...json, origin: "null" }),
    403,
    "ORIGIN_NOT_ALLOWED",
  ],
])("%s is refused with a clear error in JSON", async (_name, ask, status, reason) => {
  expect(await refusalOf(ask())).toEqual([status, reason]);
  expect(seen).toBeUndefined();
});

test.each([
  ["gRPC-Web", "Ask", "application/grpc-web+proto"],
  ["a stream of Connect", "Watch", "application/connect+proto"],
])(
  "A8 bytes that are no message are the caller's mistake over %s",
  async (_name, method, contentType) => {
    const envelope = new Uint8Array([0, 0, 0, 0, 3, 10, 5, 97]);
    const response = await post(method, envelope, { "content-type": contentType });
    const text = await response.text();
    expect(text).toMatch(/grpc-status: 3\r\n|"code":"invalid_argument"/);
  },
);

test("a stream that is asked for like a plain call is told how to ask", async () => {
  const response = await post("Watch", "{}", json);
  expect(response.status).toBe(415);
  const { message } = (await response.json()) as { message: string };
  expect(message).toContain("must be application/connect+json, with each message in an envelope");
});

test("what never reached the interceptors is counted and logged, without its text", async () => {
  await post("Ask", '{"password":"hunter2-canary"');
  const method = "mizan.testing.v1.PublicService/Ask";
  expect(lines).toMatchObject([{ method, code: "InvalidArgument", reason: "MALFORMED_REQUEST" }]);
  expect(JSON.stringify(lines)).not.toContain("canary");
  const { text } = await telemetry.page();
  expect(text).toContain(`{method="${method}",code="invalid_argument",service="testing"} 1`);
});

test("an answer that can't be written is an internal error without its text (ER-4)", async () => {
  expect(await refusalOf(post("Ask", '"broken"'))).toEqual([500, "INTERNAL"]);
  expect(await (await post("Ask", '"broken"')).text()).not.toContain("cannot");
});

test("a retry delay reaches the caller as retry-after", async () => {
  const response = await post("Ask", '"refuse"');
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "3"]);
});

test("an invalid URL and a request without a host are refused", async () => {
  expect(await raw(`POST ${path}/Ask HTTP/1.1\r\ncontent-length: 0\r\n\r\n`)).toContain("BAD_URL");
  const bad = `POST ${path}/Ask HTTP/1.1\r\nhost: a b\r\ncontent-length: 0\r\n\r\n`;
  expect(await raw(bad)).toContain("BAD_URL");
  expect(await raw("NONSENSE\r\n\r\n")).toContain("BAD_HTTP");
  const large = `GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`;
  expect(await raw(large)).toContain("HEADERS_TOO_LARGE");
});

test("a page of a listed origin may ask and call, and see what it needs", async () => {
  await serve({ allowedOrigins: ["https://console.example"] });
  const headers = { origin: "https://console.example", "access-control-request-method": "POST" };
  const asked = await fetch(`${origin}${path}/Ask`, { method: "OPTIONS", headers });
  expect(asked.status).toBe(204);
  expect(asked.headers.get("access-control-allow-headers")).toContain("idempotency-key");
  const called = await post("Ask", '"a"', { ...json, ...headers });
  expect(called.headers.get("access-control-allow-origin")).toBe("https://console.example");
  expect(called.headers.get("access-control-expose-headers")).toContain("idempotent-replayed");
  const other = { ...headers, origin: "https://console.example.evil" };
  expect(
    await refusalOf(fetch(`${origin}${path}/Ask`, { method: "OPTIONS", headers: other })),
  ).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
});

test("a page of the same origin may call", async () => {
  expect((await post("Ask", '"a"', { ...json, origin })).status).toBe(200);
});

test("the handler knows the client, the trace and the deadline, which is bounded", async () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const response = await post("Ask", '"a"', {
    ...json,
    traceparent,
    "x-forwarded-for": "192.0.2.7",
    "x-correlation-id": "order-17",
    "connect-timeout-ms": "9999999999",
  });
  expect(seen?.values.get(clientKey)).toEqual({ ip: "192.0.2.7" });
  expect(seen?.values.get(traceKey)?.traceId).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
  expect(seen?.timeoutMs()).toBeLessThanOrEqual(600_000);
  expect(response.headers.get("x-correlation-id")).toBe("order-17");
});

test("AD-11 a timeout of 0 is a short one, not none", async () => {
  const response = await post("Ask", '"wait"', { ...json, "connect-timeout-ms": "0" });
  expect(response.status).toBe(504);
});

test("a caller that goes away ends the call", async () => {
  const stop = new AbortController();
  const call = fetch(`${origin}${path}/Ask`, {
    method: "POST",
    headers: json,
    body: '"wait"',
    signal: stop.signal,
  });
  await vi.waitFor(() => expect(seen).toBeDefined());
  stop.abort();
  await expect(call).rejects.toThrow("abort");
  await ended;
  expect(lines.filter(({ level }) => level === "error")).toEqual([]);
});

test("R4 a caller that is slow with its request is cut off, and the rest is served", async () => {
  await serve({ times: { requestMs: 300, headersMs: 200, idleMs: 2000 } });
  const slow = [
    raw("POST /x HTTP/1.1\r\nhost: a\r\nx"),
    raw(`POST ${path}/Ask HTTP/1.1\r\nhost: a\r\n${jsonLines}content-length: 10\r\n\r\n"a`),
  ];
  expect((await post("Ask", '"a"')).status).toBe(200);
  expect(await Promise.all(slow)).toEqual([
    expect.stringContaining("REQUEST_TOO_SLOW"),
    expect.stringContaining("REQUEST_TOO_SLOW"),
  ]);
});

test("R4 an idle connection outlives the time that headers may take", async () => {
  await serve({ times: { requestMs: 200, headersMs: 100, idleMs: 5000 } });
  const socket = connect(edge.port, "127.0.0.1");
  const call = `POST ${path}/Ask HTTP/1.1\r\nhost: a\r\n${jsonLines}content-length: 3\r\n\r\n"a"`;
  socket.write(call);
  await once(socket, "data");
  await new Promise((resolve) => setTimeout(resolve, 700));
  socket.write(call);
  expect(String(await once(socket, "data"))).toContain("200 OK");
  socket.destroy();
});

test("a caller that takes nothing of its answer is cut off", async () => {
  await serve({ times: { stallMs: 200 } });
  const socket = connect(edge.port, "127.0.0.1").pause();
  const envelope = `\u0000\u0000\u0000\u0000${String.fromCharCode(9)}"endless"`;
  socket.write(
    `POST ${path}/Watch HTTP/1.1\r\nhost: a\r\ncontent-type: application/connect+json\r\n` +
      `content-length: ${envelope.length}\r\n\r\n${envelope}`,
  );
  await vi.waitFor(() => expect(seen).toBeDefined());
  await ended;
  socket.destroy();
});

test("a drain ends streams at once, lets calls finish, and takes no new connection", async () => {
  const client = createClient(
    PublicService,
    createConnectTransport({ baseUrl: origin, httpVersion: "1.1" }),
  );
  const watch = client.watch({ value: "quiet" })[Symbol.asyncIterator]();
  await watch.next();
  const call = post("Ask", '"soon"');
  await vi.waitFor(() => expect(seen?.method.name).toBe("Ask"));
  const drained = edge.drain(5000);
  await expect(watch.next()).rejects.toMatchObject({ code: Code.Unavailable });
  expect((await call).status).toBe(200);
  await drained;
  await expect(post("Ask", '"a"')).rejects.toThrow("fetch failed");
});

test("a drain gives up on calls that do not end", async () => {
  const call = post("Ask", '"wait"');
  await vi.waitFor(() => expect(seen).toBeDefined());
  await edge.drain(50);
  expect((await call).status).toBe(503);
});

test("R3 more calls at a time than the bound are refused at once, and told to come back", async () => {
  const stop = new AbortController();
  const [init, body] = [{ method: "POST", headers: json, signal: stop.signal }, '"wait"'];
  const calls = Array.from({ length: MAX_EDGE_CALLS }, () =>
    fetch(`${origin}${path}/Ask`, { ...init, body }).catch(() => "stopped"),
  );
  await vi.waitFor(() => expect(waiting).toBe(MAX_EDGE_CALLS), { timeout: 20_000 });
  const response = await post("Ask", '"a"');
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "1"]);
  expect(await response.text()).toContain("OVERLOADED");
  stop.abort();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(["stopped"]));
  const isFree = async () => expect((await post("Ask", '"a"')).status).toBe(200);
  await vi.waitFor(isFree, { timeout: 20_000, interval: 200 });
}, 30_000);

test("a gate refuses before the body is read, and pages are served beside the calls", async () => {
  await serve({
    gate: () => {
      throw fail("BAD_CREDENTIALS", { header: "authorization" });
    },
    pages: [
      (_request, response, at) => {
        if (at === "/hello") response.end("hi");
        return at === "/hello";
      },
    ],
  });
  expect(await refusalOf(post("Ask", '"a"'))).toEqual([401, "BAD_CREDENTIALS"]);
  expect(await (await fetch(`${origin}/hello?x`)).text()).toBe("hi");
});

const jsonLines = "content-type: application/json\r\n";

/** Answers with what it gets, and does what some words say. */
function implementation(): Partial<ServiceImpl<typeof PublicService>> {
  const note = (context: HandlerContext) => {
    seen = context;
    ended = once(context.signal, "abort");
    return ended;
  };
  return {
    ask: async ({ value }, context) => {
      const over = note(context);
      if (value === "refuse") throw refused();
      if (value === "broken") return { value: 5 as unknown as string };
      if (value === "soon") await new Promise((resolve) => setTimeout(resolve, 200));
      if (value === "wait") waiting += 1;
      if (value === "wait") await over.then(() => context.signal.throwIfAborted());
      return { value };
    },
    read: ({ value }) => ({ value }),
    async *watch({ value }, context) {
      const over = note(context);
      const rounds = value === "endless" ? 1e6 : 0;
      for (let n = 0; n < rounds; n += 1) yield { value: "x".repeat(10_000) };
      for (const letter of value === "quiet" ? "q" : value) yield { value: letter };
      if (value === "quiet") await over.then(() => context.signal.throwIfAborted());
    },
    tell: async (told) => {
      let all = "";
      for await (const { value } of told) all += value;
      return { value: all };
    },
    inside: ({ value }) => ({ value }),
  };
}

function refused(): ConnectError {
  const error = fail("RATE_LIMITED", { retry_ms: 2500 });
  error.metadata.set("retry-after", "3");
  return error;
}

async function serve(options: Partial<EdgeOptions>): Promise<void> {
  if (edge !== undefined) await edge[Symbol.asyncDispose]();
  const to = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) };
  const pass: Interceptor = (next) => (request) => next(request);
  edge = await startEdge({
    host: "127.0.0.1",
    port: 0,
    log: createLog({ name: "testing", level: "info", to }),
    telemetry,
    trustedProxies: ["127.0.0.1"],
    allowedOrigins: [],
    interceptors: [pass],
    contract: [{ service: PublicService, implementation: implementation() }],
    ...options,
  });
  origin = `http://127.0.0.1:${edge.port}`;
}

function post(
  method: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  headers: Record<string, string> = json,
) {
  const duplex = body instanceof ReadableStream ? { duplex: "half" as const } : {};
  return fetch(`${origin}${path}/${method}`, { method: "POST", headers, body, ...duplex });
}

function typed(name: string): Record<string, string> {
  return { "content-type": name };
}

/** The status and the reason of an error, which has to be complete. */
async function refusalOf(
  call: Promise<Response>,
): Promise<[status: number, reason: string | undefined]> {
  const response = await call;
  const body = (await response.json()) as ConnectError & { details: { debug: Reason }[] };
  expect([typeof body.code, typeof body.message]).toEqual(["string", "string"]);
  expect(response.headers.get("content-type")).toBe("application/json");
  return [response.status, body.details[0]?.debug.reason];
}

type Reason = { reason: string };

function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(edge.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      answer += String(chunk);
      if (answer.endsWith("}")) socket.end();
    });
    socket.on("close", () => resolve(answer));
  });
}

function endless(): ReadableStream {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode("x".repeat(65_536)));
      sent += 65_536;
      if (sent > 2 * MAX_MESSAGE_BYTES) controller.close();
    },
  });
}

async function* texts(...values: string[]) {
  for (const value of values) yield { value };
}
