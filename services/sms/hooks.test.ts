import { once } from "node:events";
import { connect } from "node:net";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listenHttp, type HttpServer } from "#mesh/edge/http-server.ts";
import { MAX_CALLBACK_BYTES, MAX_CALLBACKS } from "#mesh/limits.ts";
import { receiveTrace } from "#mesh/trace.ts";
import { hooks } from "./hooks.ts";
import { applyReceipts } from "./operations/apply-receipts.ts";
import { sentChunk, standingOf } from "./testing/sent-chunk.ts";
import { testSms, type TestSms } from "./testing/test-sms.ts";

let world: TestSms;
let http: HttpServer;
let origin: string;

beforeAll(async () => {
  world = await testSms();
  const page = hooks(world.sms);
  http = await listenHttp({ host: "127.0.0.1", port: 0 }, (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const from = { client: { ip: "127.0.0.1" }, trace: receiveTrace(new Headers()) };
    if (!page(request, response, path, from)) response.writeHead(599).end();
  });
  origin = `http://127.0.0.1:${http.port}`;
});
afterAll(async () => {
  await http[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await sql`truncate receipt`.execute(world.sms.db.sql);
});

const stored = async () => {
  const rows = await sql<{ provider_id: string; state: string; due: boolean }>`
    select provider_id, state, due_at <= now() as due from receipt order by id`.execute(
    world.sms.db.sql,
  );
  return rows.rows;
};

const push = async (receipts: unknown, init: RequestInit = {}) =>
  fetch(`${origin}/hooks/sms/magfa`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: basic(world.magfa.hookSecret) },
    body: JSON.stringify({ receipts }),
    ...init,
  });

const basic = (secret: string) => `Basic ${Buffer.from(`magfa:${secret}`).toString("base64")}`;

test("DLR-1 a call-back is answered when its receipts are stored, before anything is done", async () => {
  const response = await push([
    { mid: 41, status: 1 },
    { mid: "42", status: 2 },
    { mid: 43, status: 0 },
  ]);
  expect([response.status, await response.json()]).toEqual([200, { received: 2 }]);
  expect(await stored()).toEqual([
    { provider_id: "41", state: "DELIVERED", due: true },
    { provider_id: "42", state: "UNDELIVERED", due: true },
  ]);
});

test("a provider that can only call an address may bring a receipt in the query", async () => {
  const query = new URLSearchParams({ mid: "44", status: "1", secret: world.magfa.hookSecret });
  const response = await fetch(`${origin}/hooks/sms/magfa?${query.toString()}`);
  expect([response.status, await stored()]).toMatchObject([200, [{ provider_id: "44" }]]);
});

test("M10 an id with leading zeros is that of the message without them", async () => {
  const { messageIds } = await sentChunk(world, { providerIds: ["77001"] });
  expect((await push([{ mid: "0077001", status: 1 }])).status).toBe(200);
  await applyReceipts(world.sms);
  expect(await standingOf(world, messageIds)).toMatchObject([{ state: "DELIVERED" }]);
});

test("who does not know the secret is refused, and nothing is stored", async () => {
  for (const headers of [{}, { authorization: basic("a guess") }]) {
    const response = await push([{ mid: 45, status: 1 }], { headers });
    expect(response.status).toBe(401);
    expect(await response.text()).toContain("BAD_CREDENTIALS");
  }
  expect(await stored()).toEqual([]);
});

test.each([
  ["no JSON", "{"],
  ["no receipts", '{"a":1}'],
  ["a bad id", '{"receipts":[{"mid":"x","status":1}]}'],
])("a call-back with %s is malformed, and nothing of it is stored", async (_, body) => {
  const response = await push([], { body });
  expect([response.status, await stored()]).toEqual([400, []]);
});

test("a call-back of nobody we know, a wrong verb and a body that is too large are refused", async () => {
  const body = "x".repeat(MAX_CALLBACK_BYTES + 1);
  expect((await push([], { body })).status).toBe(413);
  expect((await fetch(`${origin}/hooks/sms/others`, { method: "POST" })).status).toBe(404);
  expect((await fetch(`${origin}/hooks/sms/magfa`, { method: "PUT" })).status).toBe(405);
  expect((await fetch(`${origin}/hooks/other/magfa`)).status).toBe(599);
});

test("R3 a flood is refused beyond a bound, to be repeated, and what was taken is stored", async () => {
  const slow = await Promise.all(
    Array.from({ length: MAX_CALLBACKS }, async () => {
      const socket = connect(http.port, "127.0.0.1");
      const head = "POST /hooks/sms/magfa HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n";
      await once(socket, "connect");
      socket.write(head);
      return socket;
    }),
  );
  try {
    await expect.poll(async () => (await push([{ mid: 46, status: 1 }])).status).toBe(503);
    const refused = await push([{ mid: 46, status: 1 }]);
    expect(refused.headers.get("retry-after")).toBe("1");
  } finally {
    for (const socket of slow) socket.destroy();
  }
  await expect.poll(async () => (await push([{ mid: 47, status: 1 }])).status).toBe(200);
  expect(await stored()).toContainEqual({ provider_id: "47", state: "DELIVERED", due: true });
});

test("DLR-1 a processor that is broken does not delay the hook", async () => {
  await sql`alter table message rename to message_away`.execute(world.sms.db.sql);
  try {
    expect((await push([{ mid: 48, status: 1 }])).status).toBe(200);
    await expect(applyReceipts(world.sms)).rejects.toThrow("message");
    expect((await push([{ mid: 49, status: 1 }])).status).toBe(200);
  } finally {
    await sql`alter table message_away rename to message`.execute(world.sms.db.sql);
  }
  expect(await stored()).toHaveLength(2);
});

test("a call-back that can't be stored is not answered with success", async () => {
  await sql`alter table receipt rename to receipt_away`.execute(world.sms.db.sql);
  try {
    expect((await push([{ mid: 50, status: 1 }])).status).toBe(500);
  } finally {
    await sql`alter table receipt_away rename to receipt`.execute(world.sms.db.sql);
  }
});
