import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { calledFrom } from "#mesh/local/ports.ts";
import { freeOffset, parseOffset, portsOf, waitForPorts } from "./ports.ts";

test("one offset moves every port, and no two are the same", () => {
  const [here, there] = [[...portsOf(0).values()], [...portsOf(1000).values()]];
  expect(there).toEqual(here.map((port) => port + 1000));
  expect(new Set(here).size).toBe(here.length);
});

test("a stack beside others has no port that the system may give to a caller meanwhile", async () => {
  const { from, to } = calledFrom();
  for (const port of portsOf(await freeOffset()).values()) {
    expect(port < from || port > to).toBe(true);
  }
});

test("a taken port is named with what was to listen there", async () => {
  const offset = await freeOffset();
  const port = portsOf(offset).get("router")!;
  await using server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  await expect(waitForPorts(portsOf(offset), 0)).rejects.toThrow(`Port ${port} (router) is taken`);
});

test("a port that becomes free in time is waited for", async () => {
  const offset = await freeOffset();
  const server = createServer().listen(portsOf(offset).get("nats"), "127.0.0.1");
  await once(server, "listening");
  const waiting = waitForPorts(portsOf(offset), 10_000);
  server.close();
  await expect(waiting).resolves.toBeUndefined();
});

test.each(["x", "-1", "1.5", "70000"])("MIZAN_PORT_OFFSET=%s is refused", (text) => {
  expect(() => parseOffset(text)).toThrow(`MIZAN_PORT_OFFSET is "${text}"`);
});
