import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import * as limits from "../limits.ts";
import { listenHttp } from "./http-server.ts";

test("R4 a port has the bounds that a proxy before it needs, unless told otherwise", async () => {
  await using http = await listenHttp({ host: "127.0.0.1", port: 0 }, (_request, response) => {
    response.end("x");
  });
  const response = await fetch(`http://127.0.0.1:${http.port}/`);
  expect(response.headers.get("keep-alive")).toBe(
    `timeout=${limits.HTTP_IDLE_MS / 1000}, max=${limits.MAX_REQUESTS_PER_SOCKET}`,
  );
  expect(http.server).toMatchObject({
    keepAliveTimeout: limits.HTTP_IDLE_MS,
    headersTimeout: limits.HTTP_HEADERS_MS,
    requestTimeout: limits.HTTP_REQUEST_MS,
    maxConnections: limits.MAX_CONNECTIONS,
    timeout: limits.HTTP_STALL_MS,
  });
  expect(limits.HTTP_HEADERS_MS).toBeLessThanOrEqual(limits.HTTP_REQUEST_MS);
});

test("a drain lets a request end, and closes the connections that are idle", async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<ServerResponse>();
  const http = await listenHttp({ host: "127.0.0.1", port: 0 }, (request, response) => {
    if (request.url === "/quick") response.end("quick");
    else arrive(response);
  });
  const origin = `http://127.0.0.1:${http.port}`;
  await (await fetch(`${origin}/quick`)).text();
  const call = fetch(`${origin}/slow`);
  const response = await arrived;
  const drained = http.drain(5000);
  response.end("late");
  expect(await (await call).text()).toBe("late");
  await drained;
});

test("a drain closes what does not end in time", async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const http = await listenHttp({ host: "127.0.0.1", port: 0 }, () => arrive());
  const call = fetch(`http://127.0.0.1:${http.port}/`).catch(() => "cut");
  await arrived;
  await http.drain(50);
  expect(await call).toBe("cut");
});
