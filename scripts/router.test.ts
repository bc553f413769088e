import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as listenRaw, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Router, type RouterOptions, startRouter } from "./router.ts";
import { routeOf, routesTo } from "./router/routes.ts";

let backend: Server;
let router: Router;
let origin: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let upgrade: (request: IncomingMessage, socket: Duplex) => void;

beforeEach(async () => {
  answer = (_request, response) => response.end("core");
  upgrade = (_request, socket) => socket.destroy();
  backend = createServer((request, response) => answer(request, response));
  backend.on("upgrade", (request, socket) => upgrade(request, socket));
  await once(backend.listen(0, "127.0.0.1"), "listening");
  await restart({ connectMs: 1000, answerMs: 200 });
});
afterEach(async () => {
  await router[Symbol.asyncDispose]();
  backend.closeAllConnections();
  backend.close();
});

test.each([
  ["/mizan.core.v1.UserService/Login", "core"],
  ["/mizan.billing.v1.WalletService/GetBalance", "billing"],
  ["/hooks/billing/x", "billing"],
  ["/hooks/sms/magfa", "sms"],
  ["/billing/v1/charge", "billing"],
  ["/sms/v1/report", "sms"],
  ["/sms/v2/report", undefined],
  ["/api/docs", "core"],
  ["/api/schema/", "core"],
  ["/api/v1/withdrawals", "core"],
  ["/api/token/", "core"],
  ["/api/v1/admin/approve", "core"],
  ["/api/v1/admin/pool/topup", "billing"],
  ["/mizan.settlement.v1.PayoutService/ListPayouts", "settlement"],
  ["/hooks/bank/bank-second", "settlement"],
  ["/api/settlement/withdraw", "settlement"],
  ["/api/wallets/", "billing"],
  ["/api/currencies", "billing"],
  ["/api/history/finance/", "billing"],
  ["/mizan.matching.v1.OrderService/PlaceOrder", "matching"],
  ["/ws", "matching"],
  ["/api/orders/", "matching"],
  ["/api/history/candles/", "matching"],
  ["/mizan.corex.v1.UserService/Login", undefined],
  ["/mizan.core", undefined],
  ["/", undefined],
])("the path %s goes to %s", (path, service) => {
  const names = ["core", "billing", "sms", "settlement", "matching"];
  const routes = routesTo(Object.fromEntries(names.map((name) => [name, "127.0.0.1:1"])));
  expect(routeOf(routes, path)?.service).toBe(service);
});

test("the longest prefix wins, in whatever order the routes are", () => {
  const routes = [
    { prefix: "/api/", service: "core", address: "a:1" },
    { prefix: "/api/orders/", service: "matching", address: "b:1" },
  ];
  for (const list of [routes, routes.toReversed()]) {
    expect(routeOf(list, "/api/orders/1")?.service).toBe("matching");
  }
});

test("a request and its answer pass whole, but for what is about one connection", async () => {
  let seen: IncomingMessage | undefined;
  answer = async (request, response) => {
    seen = request;
    response.writeHead(409, {
      "x-mine": "1",
      "set-cookie": ["a=1", "b=2"],
      "keep-alive": "timeout=1",
    });
    response.end(`${request.method} ${request.url} ${await text(request)}`);
  };
  const response = await fetch(`${origin}/api/x?a=b%20c`, {
    method: "POST",
    body: "hello",
    headers: {
      authorization: "Bearer x",
      "x-forwarded-for": "192.0.2.1",
      forwarded: "for=192.0.2.1",
    },
  });
  expect([response.status, await response.text()]).toEqual([409, "POST /api/x?a=b%20c hello"]);
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(seen?.headers).toMatchObject({
    authorization: "Bearer x",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-proto": "http",
    host: origin.slice("http://".length),
    traceparent: expect.stringMatching(/^00-/) as string,
  });
  expect(seen?.headers).not.toHaveProperty("forwarded");
});

test("a stream passes message by message, in both directions at a time", async () => {
  answer = (request, response) => {
    response.flushHeaders();
    request.on("data", (chunk: Buffer) => response.write(`got ${chunk.toString()};`));
    request.on("end", () => response.end("end"));
  };
  let controller: ReadableStreamDefaultController | undefined;
  const body = new ReadableStream({ start: (given) => void (controller = given) });
  const send = (words: string) => controller?.enqueue(new TextEncoder().encode(words));
  const call = fetch(`${origin}/api/x`, { method: "POST", body, duplex: "half" });
  send("one");
  const reader = (await call).body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe("got one;");
  send("two");
  expect((await reader.read()).value).toBe("got two;");
  controller?.close();
  expect((await reader.read()).value).toBe("end");
});

test("a caller that goes away ends the request at the service", async () => {
  let gone: Promise<unknown> | undefined;
  answer = (_request, response) => void (gone = once(response, "close"));
  const stop = new AbortController();
  const call = fetch(`${origin}/api/x`, { signal: stop.signal });
  await vi.waitFor(() => expect(gone).toBeDefined());
  stop.abort();
  await expect(call).rejects.toThrow("abort");
  await expect(gone).resolves.toBeDefined();
});

test("an answer that breaks off does not look like a whole one", async () => {
  answer = (_request, response) => {
    response.write("half");
    setImmediate(() => response.destroy());
  };
  await expect(fetch(`${origin}/api/x`).then((response) => response.text())).rejects.toThrow(
    "terminated",
  );
});

test("a service that answers before it has read the request is heard", async () => {
  answer = (_request, response) => response.writeHead(413).end("too large");
  const body = new ReadableStream({
    pull: async (controller) => {
      await new Promise(setImmediate);
      controller.enqueue(new Uint8Array(65_536));
    },
  });
  const response = await fetch(`${origin}/api/x`, { method: "POST", body, duplex: "half" });
  expect([response.status, await response.text()]).toEqual([413, "too large"]);
});

test("a browser at the bare origin is shown the documents", async () => {
  const { status, headers } = await fetch(new URL("/", origin), { redirect: "manual" });
  expect([status, headers.get("location")]).toEqual([302, "/api/docs"]);
});

test("a path of nobody is not found", async () => {
  expect(await refusalOf("/nothing")).toEqual([404, "PATH_NOT_FOUND"]);
});

test("a service that is away, slow to begin or broken is a clear error", async () => {
  expect(await refusalOf("/mizan.away.v1.X/Y")).toEqual([503, "SERVICE_AWAY"]);
  answer = () => {};
  expect(await refusalOf("/api/x")).toEqual([504, "SERVICE_TOO_SLOW"]);
  answer = (request) => request.socket.destroy();
  expect(await refusalOf("/api/x")).toEqual([502, "SERVICE_BROKE_OFF"]);
  answer = (request) => request.socket.end("NONSENSE\r\n\r\n");
  expect(await refusalOf("/api/x")).toEqual([502, "SERVICE_BROKE_OFF"]);
});

test("a service that does not even take the connection is given up on", async () => {
  const serve = 'require("net").createServer().listen({ port: 0, backlog: 1 }, function () {';
  const child = spawn("node", ["-e", `${serve} console.log(this.address().port) })`]);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  child.kill("SIGSTOP");
  const waiting = Array.from({ length: 4 }, () => connect(Number(line), "127.0.0.1"));
  const routes = routesTo({ core: `127.0.0.1:${Number(line)}` });
  const patience = { connectMs: 300, answerMs: 60_000 };
  await using impatient = await startRouter({ host: "127.0.0.1", port: 0, routes, patience });
  const response = await fetch(`http://127.0.0.1:${impatient.port}/api/x`);
  expect(response.status).toBe(503);
  for (const socket of waiting) socket.destroy();
  child.kill("SIGKILL");
});

test("a connection to a service serves many requests", async () => {
  const ports = new Set<number | undefined>();
  answer = (request, response) => {
    ports.add(request.socket.remotePort);
    response.end("x");
  };
  for (let n = 0; n < 5; n += 1) await (await fetch(`${origin}/api/x`)).text();
  expect(ports.size).toBe(1);
});

test("a WebSocket passes both ways, and its end too", async () => {
  let peer: Duplex | undefined;
  upgrade = (request, socket) => {
    peer = socket;
    const accept = `sec-websocket-accept: ${request.headers["sec-websocket-key"]}`;
    const head = ["upgrade: websocket", "connection: Upgrade", accept].join("\r\n");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n\r\nwelcome`);
    socket.on("data", (chunk: Buffer) => socket.write(`got ${chunk.toString()}`));
  };
  const [socket, read] = await upgraded("/api/ws");
  await vi.waitFor(() =>
    expect(read()).toMatch(/^HTTP\/1.1 101 .*sec-websocket-accept: k\r.*\r\n\r\nwelcome$/s),
  );
  socket.write("one");
  await vi.waitFor(() => expect(read()).toMatch(/welcomegot one$/));
  const ended = once(peer!, "end");
  socket.destroy();
  await ended;
});

test("a WebSocket that a service refuses or that goes nowhere gets the reason", async () => {
  upgrade = (_request, socket) =>
    socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
  const [, refused] = await upgraded("/api/ws");
  await vi.waitFor(() => expect(refused()).toMatch(/^HTTP\/1.1 403 Forbidden\r\n.*\r\n\r\nno$/s));
  const [, away] = await upgraded("/mizan.away.v1.X/Y");
  await vi.waitFor(() => expect(away()).toMatch(/^HTTP\/1.1 503 .*SERVICE_AWAY/s));
  const [, nowhere] = await upgraded("/nothing");
  await vi.waitFor(() => expect(nowhere()).toMatch(/^HTTP\/1.1 404 .*PATH_NOT_FOUND/s));
});

test("an upgrade to HTTP/2 in the clear is a plain request", async () => {
  const [, read] = await upgraded("/api/x", "h2c");
  await vi.waitFor(() => expect(read()).toMatch(/^HTTP\/1.1 200 OK.*core$/s));
});

test("a drain lets requests end and takes no more", async () => {
  let respond = () => {};
  answer = (_request, response) => void (respond = () => response.end("late"));
  const call = fetch(`${origin}/api/x`);
  await vi.waitFor(() => expect(String(respond)).toContain("late"));
  const drained = router.drain(5000);
  respond();
  expect(await (await call).text()).toBe("late");
  await drained;
  await expect(fetch(`${origin}/api/x`)).rejects.toThrow("fetch failed");
});

test("the process serves, and ends with the pipe on its standard input", async () => {
  const child = spawn("node", ["scripts/router.ts"], {
    env: {
      ...process.env,
      ROUTER_PORT: "0",
      ROUTER_SERVICES: `core=${addressOf(backend)}`,
      MIZAN_PARENT_PIPE: "1",
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { port: number };
  expect(await (await fetch(`http://127.0.0.1:${port}/api/x`)).text()).toBe("core");
  child.stdin.end();
  expect(await exited).toEqual([0, null]);
});

async function restart(patience: RouterOptions["patience"]): Promise<void> {
  const away = listenRaw();
  await once(away.listen(0, "127.0.0.1"), "listening");
  const gone = addressOf(away);
  await new Promise((resolve) => away.close(resolve));
  const routes = routesTo({ core: addressOf(backend), away: gone });
  router = await startRouter({ host: "127.0.0.1", port: 0, routes, ...(patience && { patience }) });
  origin = `http://127.0.0.1:${router.port}`;
}

function addressOf(server: { address: () => unknown }): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function refusalOf(path: string): Promise<[status: number, reason: string | undefined]> {
  const response = await fetch(origin + path);
  const body = (await response.json()) as { details: { debug: { reason: string } }[] };
  expect(response.headers.get("x-correlation-id")).toMatch(/^[0-9a-f]{32}$/);
  return [response.status, body.details[0]?.debug.reason];
}

async function upgraded(path: string, protocol = "websocket"): Promise<[Socket, () => string]> {
  const socket = connect(router.port, "127.0.0.1");
  await once(socket, "connect");
  let read = "";
  socket.on("data", (chunk) => (read += chunk.toString()));
  socket.on("error", () => {});
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: ${protocol}\r\n` +
      "sec-websocket-key: k\r\nsec-websocket-version: 13\r\n\r\n",
  );
  return [socket, () => read];
}
