import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { waitUntilReady } from "./ready.ts";

let server: Server;
let answers: [status: number, text: string][];
let address: string;
beforeEach(async () => {
  server = createServer((_, response) => {
    const [status, text] = answers.length > 1 ? answers.shift()! : answers[0]!;
    response.writeHead(status).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => server[Symbol.asyncDispose]());

test("a service that becomes ready in time is waited for", async () => {
  answers = [
    [503, "no database"],
    [200, "ok"],
  ];
  await expect(waitUntilReady({ core: address }, 10_000)).resolves.toBeUndefined();
});

test("a service that is not ready in time is named with its reason", async () => {
  answers = [[503, "no database"]];
  await expect(waitUntilReady({ core: address }, 0)).rejects.toThrow(
    "core is not ready after 0 s: 503 no database",
  );
});

test("the waiting ends when the start does", async () => {
  answers = [[503, "no database"]];
  const signal = AbortSignal.abort(new Error("The start was ended by SIGINT."));
  await expect(waitUntilReady({ core: address }, 10_000, signal)).rejects.toThrow("by SIGINT");
});
