import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { text as readText } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { type Edge, type EdgeOptions, startEdge } from "../edge.ts";
import * as limits from "../limits.ts";
import { createTelemetry, type Telemetry } from "../telemetry.ts";
import { testLog } from "../testing/log.ts";
import type { SocketClient } from "./socket-client.ts";

let edge: Edge;
let telemetry: Telemetry;
let heard: string[];
let gone: number;
let client: SocketClient | undefined;

beforeEach(async () => {
  [heard, gone, client] = [[], 0, undefined];
  telemetry = createTelemetry("testing");
  await serve();
});
afterEach(async () => {
  vi.useRealTimers();
  await edge[Symbol.asyncDispose]();
  telemetry[Symbol.dispose]();
});

async function serve(options: Partial<EdgeOptions> = {}) {
  edge = await startEdge({
    host: "127.0.0.1",
    port: 0,
    log: testLog(),
    telemetry,
    trustedProxies: ["127.0.0.1"],
    allowedOrigins: ["https://console.example"],
    interceptors: [],
    contract: [],
    sockets: [{ path: "/ws", open }],
    ...options,
  });
}

function open(connected: SocketClient) {
  client = connected;
  const message = (text: string) => {
    heard.push(text);
    if (text === "throw") throw new Error("a defect");
    connected.send(Buffer.from(`got ${text}`));
  };
  return { message, closed: () => void (gone += 1) };
}

async function joined(headers: Record<string, string> = {}, path = "/ws"): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${edge.port}${path}`, { headers });
  await once(socket, "open");
  return socket;
}

/** What an upgrade is answered that is refused. */
async function refused(headers: Record<string, string>, path = "/ws"): Promise<[number, string]> {
  const socket = new WebSocket(`ws://127.0.0.1:${edge.port}${path}`, { headers });
  const [request, answer] = (await once(socket, "unexpected-response")) as Unexpected;
  let body = "";
  for await (const chunk of answer) body += String(chunk);
  request.destroy();
  return [answer.statusCode!, /"reason":"(\w+)"/.exec(body)?.[1] ?? body];
}

type Unexpected = [request: ClientRequest, answer: IncomingMessage];

const closing = async (socket: WebSocket) => (await once(socket, "close"))[0] as number;
const answerOf = async (socket: WebSocket) => String((await once(socket, "message"))[0]);

/** A connection of which a test writes every byte. */
async function rawClient(): Promise<Socket> {
  const socket = connect(edge.port, "127.0.0.1");
  socket.write(
    "GET /ws HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\n" +
      "sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n",
  );
  await once(socket, "data");
  return socket;
}

/** A frame with a mask of zeros. */
function frame(first: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126
      ? [first, 0x80 | payload.length]
      : [first, 0xfe, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

/** The code with which the service closes. */
async function closeCode(socket: Socket): Promise<number> {
  let all = Buffer.alloc(0);
  for await (const part of socket) {
    all = Buffer.concat([all, part as Buffer]);
    let at = 0;
    while (at + 4 <= all.length && all[at] !== 0x88) at += 2 + all[at + 1]!;
    if (at + 4 <= all.length) return all.readUInt16BE(at + 2);
  }
  throw new Error("the service did not say goodbye");
}

test("a client is heard and answered, and it is told once when it has gone", async () => {
  const socket = await joined({ "x-forwarded-for": "192.0.2.7" });
  socket.send("hello");
  expect(await answerOf(socket)).toBe("got hello");
  expect(client?.ip).toBe("192.0.2.7");
  socket.close();
  await expect.poll(() => gone).toBe(1);
  expect(heard).toEqual(["hello"]);
  expect((await telemetry.page()).text).toContain(
    'mizan_sockets_closed_total{code="1005",service="testing"} 1',
  );
});

test("S16 pages of other origins can't connect, those of our own and listed ones can", async () => {
  expect(await refused({ origin: "https://evil.example" })).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
  expect(await refused({ origin: "null" })).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
  for (const origin of ["https://console.example", `http://127.0.0.1:${edge.port}`]) {
    const socket = await joined({ origin });
    socket.close();
  }
});

test("a path without WebSockets, and a bad handshake, are refused in words", async () => {
  expect(await refused({}, "/other")).toEqual([404, "PATH_NOT_FOUND"]);
  const socket = connect(edge.port, "127.0.0.1");
  socket.write("GET /ws HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n");
  expect(await readText(socket)).toMatch(/^HTTP\/1.1 400 .*"reason":"MALFORMED_REQUEST"/s);
});

test("R3 a network and a port have only so many connections, whose places come free", async () => {
  await edge[Symbol.asyncDispose]();
  telemetry = createTelemetry("testing");
  await serve({ maxSockets: { all: 4, ofNetwork: 3 } });
  const all = await Promise.all(Array.from({ length: 3 }, async () => joined()));
  expect((await telemetry.page()).text).toContain('mizan_sockets_open{service="testing"} 3');
  expect(await refused({})).toEqual([429, "OVERLOADED"]);
  const elsewhere = { "x-forwarded-for": "192.0.2.8" };
  all.push(await joined(elsewhere));
  expect(await refused(elsewhere)).toEqual([429, "OVERLOADED"]);
  for (const socket of all) socket.close();
  await expect.poll(() => gone).toBe(4);
  (await joined()).close();
});

test.each([
  ["is too large", 0x81, Buffer.alloc(limits.MAX_SOCKET_MESSAGE_BYTES + 1, "x"), 1009],
  ["is no UTF-8", 0x81, Buffer.from([0xc3, 0x28]), 1007],
  ["is binary", 0x82, Buffer.from("x"), 1003],
  ["has bits that mean nothing", 0xf1, Buffer.from("x"), 1002],
])("a message that %s ends the connection", async (_name, first, payload, code) => {
  const socket = await rawClient();
  const closed = closeCode(socket);
  socket.write(frame(first, payload));
  expect(await closed).toBe(code);
  expect(heard).toEqual([]);
});

test("a flood of fragments ends the connection", async () => {
  const socket = await rawClient();
  const closed = closeCode(socket);
  socket.write(frame(0x01, Buffer.from("x")));
  for (let n = 0; n <= limits.MAX_SOCKET_FRAGMENTS; n += 1) {
    socket.write(frame(0x00, Buffer.from("x")));
  }
  expect(await closed).toBe(1008);
});

test.each([
  ["messages", 0x81],
  ["pongs", 0x8a],
])("S17 a flood of %s ends the connection", async (_name, first) => {
  const socket = await rawClient();
  const closed = closeCode(socket);
  const many = Array.from({ length: limits.SOCKET_RATE.burst + 50 }, () =>
    frame(first, Buffer.from("x")),
  );
  socket.write(Buffer.concat(many));
  expect(await closed).toBe(1008);
  expect(heard.length).toBeLessThanOrEqual(limits.SOCKET_RATE.burst + 5);
});

test("S17 a flood of pings, none of whose answers is read, ends the connection", async () => {
  const socket = await rawClient();
  socket.pause();
  socket.on("error", () => {});
  const pings = Array.from({ length: 300 }, () => frame(0x89, Buffer.alloc(100)));
  socket.write(Buffer.concat(pings));
  await expect.poll(() => gone).toBe(1);
});

test("a defect ends one connection and says nothing of itself", async () => {
  const [socket, other] = [await joined(), await joined()];
  socket.send("throw");
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([1011, "INTERNAL"]);
  other.send("still here");
  expect(await answerOf(other)).toBe("got still here");
});

test("X5 who sends waits while the client reads nothing, and goes on when it reads", async () => {
  const socket = await joined();
  await expect.poll(() => client).toBeDefined();
  const { signal } = new AbortController();
  socket.pause();
  const bytes = Buffer.alloc(256 * 1024, "x");
  let sent = 0;
  const isReady = async () =>
    Promise.race([client!.ready(signal).then(() => true), new Promise(setImmediate)]);
  while ((await isReady()) === true) {
    client!.send(bytes);
    sent += 1;
    expect(sent).toBeLessThan(1000);
  }
  expect(sent).toBeGreaterThan(1);
  const waited = client!.ready(signal);
  const stop = new AbortController();
  const stopped = client!.ready(stop.signal);
  stop.abort(new Error("enough"));
  await expect(stopped).rejects.toThrow("enough");
  socket.resume();
  await waited;
  const last = client!.ready(signal);
  socket.terminate();
  await last;
});

test("X5 a client that takes nothing for too long is gone", async () => {
  const socket = await joined();
  await expect.poll(() => client).toBeDefined();
  socket.pause();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  for (let n = 0; n < 100; n += 1) client!.send(Buffer.alloc(256 * 1024, "x"));
  const ready = client!.ready(new AbortController().signal);
  vi.advanceTimersByTime(limits.SOCKET_STALL_MS);
  await ready;
  vi.useRealTimers();
  await expect.poll(() => gone).toBe(1);
});

test("a client that gives no sign is gone at the second look, one that answers stays", async () => {
  await edge[Symbol.asyncDispose]();
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  await serve();
  const answers = await joined();
  const mute = await rawClient();
  const closed = once(mute, "close");
  vi.advanceTimersByTime(limits.SOCKET_SIGN_MS);
  await once(answers, "ping");
  answers.send("x");
  await answerOf(answers);
  vi.advanceTimersByTime(limits.SOCKET_SIGN_MS);
  await closed;
  expect(answers.readyState).toBe(WebSocket.OPEN);
});

test("a drain says goodbye, waits a moment for those who don't, and takes nobody", async () => {
  const socket = await joined();
  const mute = await rawClient();
  const closed = closing(socket);
  const drained = edge.drain(1000);
  expect(await closed).toBe(1001);
  await drained;
  mute.resume();
  await once(mute, "close");
});
