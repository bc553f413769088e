import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readBody } from "../http.ts";
import { type Simulators, startSimulators } from "../simulators.ts";
import type { Received } from "./received.ts";

const account = { username: "user", domain: "domain", password: "password" };
const authorization = `Basic ${Buffer.from("user/domain:password").toString("base64")}`;

let simulators: Simulators;
let origin: string;
let customer: Awaited<ReturnType<typeof listen>>;

beforeEach(async () => {
  customer = await listen();
  const hook = { url: customer.url, secret: "hook" };
  simulators = await startSimulators({ host: "127.0.0.1", port: 0, magfa: { account, hook } });
  origin = `http://127.0.0.1:${simulators.port}/magfa`;
});
afterEach(async () => {
  await simulators[Symbol.asyncDispose]();
  await customer[Symbol.asyncDispose]();
});

/** A customer whose hook notes what comes; it refuses the first so many calls. */
async function listen() {
  const calls: { authorization: string | undefined; receipts: object[] }[] = [];
  const refusing = { calls: 0 };
  const server = createServer(async (request, response) => {
    const { receipts } = JSON.parse(await readBody(request)) as { receipts: object[] };
    if (refusing.calls-- > 0) return response.writeHead(503).end();
    calls.push({ authorization: request.headers.authorization, receipts });
    return response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    calls,
    refusing,
    receipts: () => calls.flatMap(({ receipts }) => receipts),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/sms/magfa`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function send(uids: readonly number[], more: object = {}) {
  const body = {
    senders: ["3000"],
    recipients: uids.map((uid) => `09120000${String(uid).padStart(3, "0")}`),
    messages: ["hi"],
    uids,
    ...more,
  };
  const headers = { authorization, "content-type": "application/json" };
  const url = `${origin}/api/http/sms/v2/send`;
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return (await response.json()) as { status: number; messages: { id: number; status: number }[] };
}

async function ask(path: string): Promise<unknown> {
  const response = await fetch(`${origin}/api/http/sms/v2/${path}`, { headers: { authorization } });
  return response.json();
}

async function control(method: string, change?: object, path = ""): Promise<Response> {
  return fetch(`${origin}/control${path}`, {
    method,
    ...(change && { body: JSON.stringify(change) }),
  });
}

async function received(query = ""): Promise<Received> {
  return (await control("GET", undefined, `/received${query}`)).json() as Promise<Received>;
}

test("receipts of a call are pushed together, with the secret as password", async () => {
  await send([1, 2, 3]);
  await vi.waitFor(() => expect(customer.receipts()).toHaveLength(3));
  expect(customer.calls).toHaveLength(1);
  const basic = Buffer.from("magfa:hook").toString("base64");
  expect(customer.calls[0]?.authorization).toBe(`Basic ${basic}`);
  const mids = (await received()).texts.map(({ mid }) => mid).toReversed();
  expect(customer.receipts()).toEqual(mids.map((mid) => ({ mid, status: 1 })));
});

test("a receipt that the hook refuses is pushed again", async () => {
  customer.refusing.calls = 2;
  await send([1]);
  await vi.waitFor(() => expect(customer.receipts()).toHaveLength(1), 3000);
  expect((await received()).receipts).toMatchObject({ pushed: 1, failedCalls: 2, waiting: 0 });
});

test("sms M8 receipts come twice, contradict each other, or before the answer", async () => {
  const receipts = { receiptCopies: 2, receiptDelayMs: 0, secondStatus: 2, secondDelayMs: 60 };
  await control("PATCH", { script: { ...receipts, receiptEarly: true } });
  await send([1]);
  expect(customer.receipts()).toMatchObject([{ status: 1 }]); // there is the answer only now
  const expected = [{ status: 1 }, { status: 1 }, { status: 2 }];
  await vi.waitFor(() => expect(customer.receipts()).toMatchObject(expected));
  const [{ mid } = { mid: "" }] = (await received()).texts;
  expect(await ask(`statuses/${mid}`)).toMatchObject({ dlrs: [{ status: 2 }] });
});

test("a lost receipt is not pushed; who polls finds it", async () => {
  await control("PATCH", { rules: [{ recipient: "+989120000001", receiptLost: true }] });
  await send([1]);
  const [{ mid } = { mid: "" }] = (await received()).texts;
  await vi.waitFor(async () => {
    expect(await ask(`statuses/${mid},1`)).toMatchObject({ dlrs: [{ status: 1 }, { status: -1 }] });
  });
  await send([2]);
  await vi.waitFor(() => expect(customer.receipts()).toHaveLength(1));
  expect(customer.receipts()).not.toContainEqual({ mid, status: 1 });
});

test("duplicates per reference are counted and named", async () => {
  await send([1, 2]);
  await send([2, 3]);
  await send([2]);
  const all = await received();
  expect(all.accepted).toBe(5);
  expect(all.duplicates).toEqual({ uids: ["2"], texts: 2 });
  expect(await received("?uid=2&limit=2")).toMatchObject({ count: 3, texts: [{}, {}] });
  expect((await received("?recipient=09120000003")).texts).toMatchObject([{ uid: "3" }]);
  await control("DELETE", undefined, "/received");
  expect(await received()).toMatchObject({ accepted: 0, duplicates: { uids: [] }, texts: [] });
  expect(await ask("mid/2")).toEqual({ status: 0, mid: -1 });
});

test("a rule holds for its recipients, and for the next calls or texts alone", async () => {
  const rules = [
    { prefix: "98912000000", texts: 2, status: 15 },
    { calls: 1, callStatus: 23 },
  ];
  await control("PATCH", { rules });
  const statusOf = async (uids: readonly number[]) =>
    (await send(uids)).messages?.map(({ status }) => status);
  expect(await statusOf([1, 2, 3])).toBeUndefined(); // the third falls to the other rule
  expect(await statusOf([1, 2, 3])).toEqual([0, 0, 0]);
  expect(await (await control("GET")).json()).toMatchObject({ rules: [] });
});

test("sms M21 more parts a second than allowed are refused", async () => {
  await control("PATCH", { partsPerSecond: 50 });
  const { messages } = await send(Array.from({ length: 60 }, (_, uid) => uid));
  expect(messages.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 50 }, () => 0),
    ...Array.from({ length: 10 }, () => 23),
  ]);
});

test.each([
  [31, { uids: ["x"] }],
  [101, { messages: ["a", "b"] }],
  [103, { senders: ["a", "b"] }],
  [106, { recipients: [] }],
  [107, { recipients: Array.from({ length: 101 }, () => "09120000000") }],
  [108, { senders: [] }],
  [110, { uids: [1, 2] }],
])("a submit with mistakes is answered with %i", async (status, fields) => {
  expect(await send([1, 2, 3], fields)).toEqual({ status, messages: null });
});

test("a stranger, an unknown method and an unknown simulator are told so", async () => {
  const stranger = await fetch(`${origin}/api/http/sms/v2/balance`);
  expect([stranger.status, await stranger.json()]).toMatchObject([401, { status: 18 }]);
  expect(await ask("nothing")).toEqual({ status: 25 });
  expect(await ask("messages/100")).toEqual({ status: 0, messages: [] });
  expect((await fetch(`${origin}x`)).status).toBe(404);
});

test("a script with a mistake is refused with its name, and changes nothing", async () => {
  const changes = [
    [{ script: { fualt: "lost" } }, "nobody knows fualt"],
    [{ script: { fault: "gone" } }, "fault is not as it should be"],
    [{ rules: [{ calls: 0 }] }, "calls is not as it should be"],
    [{ hook: { url: "x", secret: "y" } }, "url is not as it should be"],
    [{ down: { mode: "refuse" } }, "down is not as it should be"],
  ] as const;
  const before = await (await control("GET")).json();
  for (const [change, error] of changes) {
    const response = await control("PATCH", change);
    expect([response.status, await response.json()]).toEqual([400, { error: `Error: ${error}` }]);
  }
  expect(await (await control("GET")).json()).toEqual(before);
});

test("it is away for a time: 503, or no port at all", async () => {
  await control("PATCH", { down: { mode: "http503", ms: 60_000 } });
  expect(await ask("balance")).toEqual({ error: "away" });
  await control("DELETE");
  expect(await ask("balance")).toMatchObject({ status: 0 });
  await control("PATCH", { down: { mode: "refuse", ms: 300 } }).catch(() => undefined);
  await expect(ask("balance")).rejects.toThrow("fetch failed");
  await vi.waitFor(async () => expect(await ask("balance")).toMatchObject({ status: 0 }));
});
