import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { magfa } from "../services/sms/providers/magfa.ts";
import { readBody } from "./http.ts";
import type { Received } from "./magfa/received.ts";
import { startProcess } from "./testing/start-process.ts";

const account = { username: "user", domain: "domain", password: "password" };
const { signal } = new AbortController();

/** Starts the simulators as a process of their own. */
async function start(environment: Record<string, string>) {
  const { exited, closeInput, kill, ...simulators } = await startProcess({
    MAGFA_USERNAME: account.username,
    MAGFA_DOMAIN: account.domain,
    MAGFA_PASSWORD: account.password,
    ...environment,
  });
  const origin = `${simulators.origin}/magfa`;
  return {
    exited,
    provider: magfa({ ...account, baseUrl: `${origin}/api/http/sms/v2`, hookSecret: "hook" }),
    received: async () => (await (await fetch(`${origin}/control/received`)).json()) as Received,
    control: (change: object) =>
      fetch(`${origin}/control`, { method: "PATCH", body: JSON.stringify(change) }),
    closeInput,
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

function texts(from: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    ref: BigInt(from + index),
    receiver: "+989121234567",
    sender: "3000,\n1",
    text: "hi",
  }));
}

/** A customer's hook; it counts what comes, by Magfa's id. */
async function hook() {
  const seen = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const { receipts } = JSON.parse(await readBody(request)) as { receipts: { mid: string }[] };
    for (const { mid } of receipts) seen.set(mid, (seen.get(mid) ?? 0) + 1);
    response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("the process ends with the pipe on its standard input", async () => {
  await using simulators = await start({});
  expect(await simulators.provider.balance(signal)).toBeGreaterThan(0n);
  simulators.closeInput();
  expect(await simulators.exited).toEqual([0, null]);
});

test("sms M16 what was accepted survives kill -9, and its receipts are pushed again", async () => {
  using folder = temporaryFolder();
  const store = join(folder.path, "accepted");
  await using customer = await hook();
  const environment = { SIMULATOR_STORE: store, MAGFA_HOOK_URL: customer.url };
  await using before = await start(environment);
  const pushed = await before.provider.submit(texts(1, 100), signal);
  await vi.waitFor(() => expect(customer.seen.size).toBe(100));
  await before.control({ script: { receiptDelayMs: 1000, receiptStatus: 2 } });
  const waiting = await before.provider.submit(texts(101, 100), signal);
  await before.control({ script: { receiptLost: true, receiptDelayMs: 0 } });
  const unpushed = await before.provider.submit(texts(201, 10), signal);
  await before.control({ script: { fault: "lost" } });
  const lost = await before.provider.submit(texts(211, 1), signal);
  expect(lost).toMatchObject([{ kind: "UNKNOWN" }]);
  await before.kill();
  appendFileSync(store, "a,999,99"); // a line that a crash has cut

  await using after = await start(environment);
  expect(await after.received()).toMatchObject({ accepted: 211, duplicates: { texts: 0 } });
  expect((await after.received()).texts[0]).toMatchObject({ uid: "211", sender: "3000,\n1" });
  const idOf = (outcome: object | undefined) => String(Object(outcome).providerId);
  const refs = [1n, 101n, 201n, 212n];
  expect(await after.provider.lookup(refs, signal)).toEqual([
    { kind: "FOUND", providerId: idOf(pushed[0]) },
    { kind: "FOUND", providerId: idOf(waiting[0]) },
    { kind: "FOUND", providerId: idOf(unpushed[0]) },
    { kind: "NOT_FOUND" },
  ]);
  await vi.waitFor(() => {
    for (const outcome of waiting) expect(customer.seen.get(idOf(outcome))).toBe(1);
  }, 5000);
  const polled = await after.provider.poll([idOf(waiting[0]), idOf(unpushed[0])], signal);
  expect(polled.map(({ state }) => state)).toEqual(["UNDELIVERED", "UNDELIVERED"]);

  const [again] = await after.provider.submit(texts(1, 1), signal);
  expect(idOf(again)).not.toBe(idOf(pushed[0]));
  expect(await after.received()).toMatchObject({
    accepted: 212,
    duplicates: { uids: ["1"], texts: 1 },
  });
  await after.kill();

  await using last = await start(environment); // the cut line has not spoilt the next
  expect(await last.received()).toMatchObject({ accepted: 212, duplicates: { uids: ["1"] } });
  expect(await last.provider.lookup([211n, 99n], signal)).toMatchObject([
    { kind: "FOUND" },
    { kind: "FOUND" },
  ]);
});

test("texts in flight at a kill -9 are answered as accepted only when they survive", async () => {
  using folder = temporaryFolder();
  const environment = { SIMULATOR_STORE: join(folder.path, "accepted") };
  await using before = await start(environment);
  const calls = Array.from({ length: 20 }, async (_, call) => {
    const chunk = texts(1 + call * 100, 100);
    const outcomes = await before.provider.submit(chunk, signal);
    if (call === 5) await before.kill();
    return chunk.filter((_text, index) => outcomes[index]?.kind === "ACCEPTED");
  });
  const accepted = (await Promise.all(calls)).flat();
  expect(accepted.length).toBeGreaterThan(0);
  await using after = await start(environment);
  for (let from = 0; from < accepted.length; from += 100) {
    const refs = accepted.slice(from, from + 100).map(({ ref }) => ref);
    const found = await after.provider.lookup(refs, signal);
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(["FOUND"]));
  }
});
