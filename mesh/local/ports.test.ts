import { createServer } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { calledFrom, freePorts } from "./ports.ts";

test("the ports are free, each another", async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  await using servers = new AsyncDisposableStack();
  for (const port of ports) {
    await once(servers.use(createServer().listen(port, "127.0.0.1")), "listening");
  }
});

test("none of them is one that the system may give to a caller before it is used again", async () => {
  const { from, to } = calledFrom();
  for (const port of await freePorts(20)) expect(port < from || port > to).toBe(true);
});
