import { once } from "node:events";
import { createServer as listenHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Writable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ROUTER_FREE_SOCKETS } from "#mesh/limits.ts";
import { type Router, startRouter } from "../router.ts";
import { routesTo } from "./routes.ts";

/** A service that says what it wants, to each request that it has read so far. */
type Saying = (socket: Socket, request: string) => void;

let service: Server;
let router: Router;
let say: Saying;
let handle: (request: IncomingMessage, response: ServerResponse) => void;
let sockets: Socket[];
let open: Set<Socket>;
/** All that the service was sent over its connections, in their order. */
let asked: string[];

const hello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

beforeEach(async () => {
  [say, sockets, open, asked] = [(socket) => socket.write(hello), [], new Set(), []];
  handle = (_request, response) => response.end("http");
  const http = listenHttp((request, response) => handle(request, response));
  service = createServer((socket) => {
    const nth = sockets.push(socket) - 1;
    open.add(socket);
    socket.on("error", () => {}).once("close", () => open.delete(socket));
    asked[nth] = "";
    if (say === speakHttp) {
      http.emit("connection", socket);
      return;
    }
    socket.on("data", (chunk) => {
      asked[nth] += chunk.toString("latin1");
      say(socket, asked[nth]!);
    });
  });
  await once(service.listen(0, "127.0.0.1"), "listening");
  router = await startRouter({
    host: "127.0.0.1",
    port: 0,
    routes: routesTo({ core: `127.0.0.1:${(service.address() as AddressInfo).port}` }),
    patience: { connectMs: 5000, answerMs: 5000 },
  });
});
afterEach(async () => {
  await router[Symbol.asyncDispose]();
  for (const socket of open) socket.destroy();
  service.close();
});

/** Lets Node's own server answer, with `handle`. */
const speakHttp: Saying = () => {};

test("a connection that the service closed between two calls is not used again", async () => {
  expect(await ask()).toEqual([200, "hello"]);
  sockets[0]!.end();
  await expect.poll(() => open.size).toBe(0);
  expect(await ask()).toEqual([200, "hello"]);
  expect(sockets).toHaveLength(2);
});

test("a request that may have been taken when its connection broke is not sent again", async () => {
  await ask();
  say = (socket) => socket.destroy();
  expect(await ask({ method: "POST", body: "pay" })).toEqual([502, "SERVICE_BROKE_OFF"]);
  expect(asked.join("").match(/pay/g)).toHaveLength(1);
  expect(sockets).toHaveLength(1);
});

test.each(["keep-alive: timeout=1", "connection: close"])(
  "a connection that its service keeps no longer (%s) serves one request",
  async (header) => {
    say = (socket) => socket.write(hello.replace("\r\n\r\n", `\r\n${header}\r\n\r\n`));
    await ask();
    await ask();
    expect(sockets).toHaveLength(2);
  },
);

test("a connection serves only as long as its service has said that it keeps it", async () => {
  say = (socket) => socket.write(hello.replace("\r\n\r\n", "\r\nkeep-alive: timeout=9\r\n\r\n"));
  await ask();
  const start = performance.now();
  const clock = vi.spyOn(performance, "now");
  clock.mockReturnValue(start + 7000);
  await ask();
  expect(sockets).toHaveLength(1);
  clock.mockReturnValue(start + 7000 + 8001);
  await ask();
  clock.mockRestore();
  expect(sockets).toHaveLength(2);
});

test("what comes behind an answer is nobody's answer", async () => {
  say = (socket) => socket.write(`${hello}${hello.replace("hello", "wrong")}`);
  for (let n = 0; n < 3; n += 1) expect(await ask()).toEqual([200, "hello"]);
  say = (socket) => socket.write(hello);
  await ask();
  const idle = [...open].at(-1)!;
  idle.write(hello.replace("hello", "wrong"));
  await once(idle, "close");
  expect(await ask()).toEqual([200, "hello"]);
});

test("an answer that ends before the request was read leaves no half of it to the next", async () => {
  say = (socket) => socket.write(hello);
  const caller = await call("POST /api/x HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabc");
  await expect.poll(() => caller.read()).toMatch(/hello$/);
  await expect.poll(() => open.size).toBe(0);
  // The rest of the request is dropped, and the caller's connection goes on.
  caller.socket.write("defGET /api/y HTTP/1.1\r\nhost: a\r\n\r\n");
  await expect.poll(() => caller.read().match(/hello/g)).toHaveLength(2);
  expect(asked[0]).not.toContain("def");
  expect(asked[1]).toMatch(/^GET \/api\/y HTTP\/1\.1\r\n/);
});

test("a request that nobody reads any more does not hold its caller up", async () => {
  say = (socket) => void socket.pause();
  const head = `POST /api/x HTTP/1.1\r\nhost: a\r\ncontent-length: ${LARGE}\r\n\r\n`;
  const caller = await call(head);
  const written = pour(caller.socket, Buffer.alloc(65_536));
  await still(written);
  expect(written()).toBeLessThan(LARGE);
  sockets[0]!.write(hello);
  await expect.poll(() => caller.read()).toMatch(/hello$/);
  await expect.poll(written).toBe(LARGE);
  say = (socket) => socket.write(hello);
  caller.socket.write("GET /api/y HTTP/1.1\r\nhost: a\r\n\r\n");
  await expect.poll(() => caller.read().match(/hello/g)).toHaveLength(2);
});

test.each([
  ["with a length", "content-length: 9\r\n\r\nabc"],
  ["in chunks", "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"],
])("a caller that leaves in the middle of a body %s ends the request", async (_name, begin) => {
  say = () => {};
  const caller = await call(`POST /api/x HTTP/1.1\r\nhost: a\r\n${begin}`);
  await expect.poll(() => asked[0]).toContain("abc");
  caller.socket.destroy();
  await expect.poll(() => open.size).toBe(0);
  expect(asked[0]).not.toContain("\r\n0\r\n");
});

test("a caller that leaves in the middle of an answer ends it", async () => {
  say = (socket) => socket.write("HTTP/1.1 200 OK\r\n\r\nhalf");
  const caller = await call("GET /api/x HTTP/1.1\r\nhost: a\r\n\r\n");
  await expect.poll(() => caller.read()).toContain("half");
  caller.socket.destroy();
  await expect.poll(() => open.size).toBe(0);
});

test.each([
  ["HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", 200],
  ["HEAD", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", 200],
  ["GET", "HTTP/1.1 204 No Content\r\n\r\n", 204],
  ["GET", 'HTTP/1.1 304 Not Modified\r\netag: "a"\r\ncontent-length: 5\r\n\r\n', 304],
])("%s answered with %j has no body, and the connection goes on", async (method, head, status) => {
  say = (socket) => socket.write(head);
  expect(await ask({ method })).toEqual([status, ""]);
  say = (socket) => socket.write(hello);
  expect(await ask()).toEqual([200, "hello"]);
  expect(sockets).toHaveLength(1);
});

test("an answer of unknown length is whole when the service ends its connection", async () => {
  say = (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nall of it");
  expect(await ask()).toEqual([200, "all of it"]);
  say = (socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\nhalf");
    setImmediate(() => socket.resetAndDestroy());
  };
  await expect(ask()).rejects.toThrow("terminated");
});

test("interim answers are not the answer", async () => {
  say = (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${hello}`);
  expect(await ask()).toEqual([200, "hello"]);
});

const ok = "HTTP/1.1 200 OK\r\n";

test.each([
  ["two lengths", `${ok}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`],
  ["a length and chunks", `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\nhello`],
  ["a bare line break", `${ok}a: b\nc: d\r\n\r\n`],
  ["a chunk without size", `${ok}transfer-encoding: chunked\r\n\r\nx\r\n`],
  ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n"],
  ["headers that are too large", `${ok}a: ${"x".repeat(20_000)}\r\n\r\n`],
])("an answer with %s is broken off", async (_name, words) => {
  say = (socket) => socket.write(words);
  const answered = ask().catch((error: Error) => error.message);
  expect([[502, "SERVICE_BROKE_OFF"], "terminated"]).toContainEqual(await answered);
  await expect.poll(() => open.size).toBe(0);
});

test("a request without a body says so, and one in chunks stays in chunks", async () => {
  const empty = await call("POST /api/x HTTP/1.1\r\nhost: a\r\n\r\n");
  await expect.poll(() => empty.read()).toMatch(/hello$/);
  await ask({ method: "GET" });
  const inside = "GET /api/inside HTTP/1.1\r\n\r\n";
  const chunks = `${inside.length.toString(16)}\r\n${inside}\r\n0\r\n\r\n`;
  const head = "GET /api/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
  say = (socket, sent) => sent.endsWith("\r\n0\r\n\r\n") && socket.write(hello);
  const caller = await call(`${head}${chunks}`);
  await expect.poll(() => caller.read()).toMatch(/hello$/);
  const [post, get, stream] = asked.join("").split(/(?=(?:GET|POST) \/api\/x)/);
  expect(post).toMatch(/\r\ncontent-length: 0\r\n/);
  expect(get).not.toMatch(/content-length|transfer-encoding/);
  expect(stream).toMatch(/\r\ntransfer-encoding: chunked\r\n/);
  expect(stream?.endsWith(chunks)).toBe(true);
});

test("a caller without the header Host is still one of HTTP/1.0", async () => {
  const caller = await call("GET /api/x HTTP/1.0\r\n\r\n");
  await expect.poll(() => caller.read()).toMatch(/hello$/);
  expect(asked[0]).toMatch(/\r\nhost: 127\.0\.0\.1:\d+\r\n/);
});

test("headers that Connection names stay here, and others keep their values", async () => {
  const closing = "connection: x-one, close\r\nx-one: 1\r\nset-cookie: a=1\r\nset-cookie: b=2";
  say = (socket) =>
    socket.end(hello.replace("\r\n\r\n", `\r\n${closing}\r\nx-two: x-correlation-id\r\n\r\n`));
  const caller = await call(
    "GET /api/x HTTP/1.1\r\nhost: a\r\nconnection: close, X-Mine\r\nx-mine: 1\r\nx-ours: \xE9\r\n\r\n",
  );
  await once(caller.socket, "end");
  expect(asked[0]).toMatch(/\r\nx-ours: \xE9\r\n/);
  expect(asked[0]).not.toMatch(/x-mine/i);
  expect(caller.read()).toMatch(/\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n/);
  expect(caller.read()).toMatch(/\r\nx-correlation-id: [0-9a-f]{32}\r\n/);
  expect(caller.read()).not.toMatch(/x-one/);
});

test("the service's own correlation id is the one of the answer", async () => {
  say = (socket) => socket.write(hello.replace("\r\n\r\n", "\r\nX-Correlation-Id: mine\r\n\r\n"));
  const response = await fetch(urlOf("/api/x"));
  expect(response.headers.get("x-correlation-id")).toBe("mine");
});

test("requests that a caller sends at once are answered in their order", async () => {
  say = (socket, sent) => {
    const path = /.*GET \/api\/(\w+)/s.exec(sent)![1]!;
    const answer = () => socket.write(hello.replace("hello", path));
    if (path === "first") setImmediate(answer);
    else answer();
  };
  const one = (path: string) => `GET /api/${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
  const caller = await call(one("first") + one("again") + one("third"));
  await expect.poll(() => caller.read()).toMatch(/first.*again.*third$/s);
});

test("the time to answer is until it begins, and starts anew with each request", async () => {
  say = speakHttp;
  await using impatient = await startRouter({
    host: "127.0.0.1",
    port: 0,
    routes: routesTo({ core: `127.0.0.1:${(service.address() as AddressInfo).port}` }),
    patience: { answerMs: 50 },
  });
  handle = (_request, response) => {
    response.write("begun ");
    setTimeout(() => response.end("ended"), 120);
  };
  const url = `http://127.0.0.1:${impatient.port}/api/x`;
  expect(await (await fetch(url)).text()).toBe("begun ended");
  handle = () => {};
  expect((await fetch(url)).status).toBe(504);
  expect(sockets).toHaveLength(1);
});

test("the head of a stream reaches the service before its first message", async () => {
  say = speakHttp;
  handle = async (request, response) => {
    response.flushHeaders();
    response.end(`got ${await text(request)}`);
  };
  const caller = await call(
    "POST /api/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n",
  );
  await expect.poll(() => caller.read()).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\n$/s);
  caller.socket.write("2\r\nit\r\n0\r\n\r\n");
  await expect.poll(() => caller.read()).toContain("got it");
});

test.each(["with a length", "in chunks"])("large bodies %s pass whole both ways", async (how) => {
  say = speakHttp;
  handle = (request, response) => {
    const length = request.headers["content-length"];
    if (length !== undefined) response.setHeader("content-length", length);
    request.pipe(response);
  };
  const sent = Buffer.alloc(5_000_001, "0123456789abcde");
  const body = how === "in chunks" ? new Blob([sent]).stream() : sent;
  const response = await fetch(urlOf("/api/x"), { method: "POST", body, duplex: "half" });
  expect(response.headers.has("content-length")).toBe(how !== "in chunks");
  expect(sent.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
});

test("an answer that its caller does not read waits at the service", async () => {
  say = speakHttp;
  let written = () => 0;
  handle = (_request, response) => {
    written = pour(response, Buffer.alloc(65_536), () => response.end());
  };
  const response = await fetch(urlOf("/api/x"));
  await still(() => written());
  expect(written()).toBeLessThan(LARGE / 2);
  expect((await response.arrayBuffer()).byteLength).toBe(LARGE);
});

test.each(["content-length", "transfer-encoding"])(
  "a request that its service does not read waits at the caller (%s)",
  async (header) => {
    say = speakHttp;
    let read: (() => Promise<Buffer>) | undefined;
    handle = async (request, response) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      read = async () => {
        resolve(undefined);
        return buffer(request);
      };
      await promise;
      request.once("end", () => response.end("read"));
    };
    const length = header === "content-length" ? String(LARGE) : "chunked";
    const head = `POST /api/x HTTP/1.1\r\nhost: a\r\n${header}: ${length}\r\n\r\n`;
    const caller = await call(head);
    const chunk = Buffer.alloc(65_536);
    const framed = Buffer.concat([Buffer.from("10000\r\n"), chunk, Buffer.from("\r\n")]);
    const written =
      header === "content-length"
        ? pour(caller.socket, chunk)
        : pour(caller.socket, framed, () => caller.socket.write("0\r\n\r\n"));
    await still(written);
    expect(written()).toBeLessThan(LARGE / 2);
    expect((await read!()).byteLength).toBe(LARGE);
    await expect.poll(() => caller.read()).toMatch(/read$/);
  },
);

test("no more free connections are kept than the bound, and none after the end", async () => {
  const waiting: Socket[] = [];
  say = (socket) => void waiting.push(socket);
  const calls = Array.from({ length: ROUTER_FREE_SOCKETS + 5 }, async () => ask());
  await expect.poll(() => waiting).toHaveLength(ROUTER_FREE_SOCKETS + 5);
  for (const socket of waiting) socket.write(hello);
  await Promise.all(calls);
  await expect.poll(() => open.size).toBe(ROUTER_FREE_SOCKETS);
  await router[Symbol.asyncDispose]();
  await expect.poll(() => open.size).toBe(0);
});

/** More than all buffers of the way hold together, in bytes. */
const LARGE = 64 * 1024 * 1024;

/** Writes a chunk again and again, as fast as it is taken; returns what tells how much has been. */
function pour(to: Writable, chunk: Buffer, end = () => {}): () => number {
  let written = 0;
  const fill = () => {
    while (written < LARGE) {
      written += 65_536;
      if (!to.write(chunk)) {
        to.once("drain", fill);
        return;
      }
    }
    end();
  };
  fill();
  return () => written;
}

/** Waits until a number has stayed the same for a while. */
async function still(read: () => number): Promise<void> {
  let [last, times] = [-1, 0];
  const seen = () => {
    const now = read();
    times = now === last && now > 0 ? times + 1 : 0;
    last = now;
    return times;
  };
  await expect.poll(seen).toBeGreaterThan(20);
}

function urlOf(path: string): string {
  return `http://127.0.0.1:${router.port}${path}`;
}

/** Calls the service; returns the status with the body, or with the reason of a refusal. */
async function ask(init?: RequestInit): Promise<[status: number, said: string | undefined]> {
  const response = await fetch(urlOf("/api/x"), init);
  if (response.status < 500) return [response.status, await response.text()];
  const { details } = (await response.json()) as { details: { debug: { reason: string } }[] };
  return [response.status, details[0]?.debug.reason];
}

/** Opens a connection to the router and says this; `read` is what has come back. */
async function call(words: string): Promise<{ socket: Socket; read: () => string }> {
  const socket = connect(router.port, "127.0.0.1");
  await once(socket, "connect");
  let read = "";
  socket.on("data", (chunk) => (read += chunk.toString("latin1"))).on("error", () => {});
  socket.write(words, "latin1");
  return { socket, read: () => read };
}
