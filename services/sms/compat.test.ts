import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import type { Role } from "#mesh/person.ts";
import { createAccept } from "./accept/accept.ts";
import { compat } from "./compat.ts";
import { contract } from "./contract.ts";
import { insertMessages } from "./testing/insert-messages.ts";
import { idAt } from "./testing/message-ids.ts";
import { serveSms } from "./testing/serve-sms.ts";
import { testSms, type TestSms } from "./testing/test-sms.ts";

// The literal paths, over real HTTP, as clients of the replaced system use them.

let world: TestSms;
let service: Awaited<ReturnType<typeof serveSms>>;

beforeAll(async () => {
  world = await testSms();
  const { sms } = world;
  service = await serveSms(async () => ({
    contract: contract(sms, createAccept(sms)),
    compat: compat(sms, { v1MaxCharacters: 480 }),
  }));
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

type Answer = { readonly status: number; readonly headers: Headers; readonly body: any };

/** Somebody with a token, and money when it is given, in rials. */
async function client(role: Role = "USER", rials = 0, id: string = newId()) {
  if (rials > 0) world.ledger.charge(id, BigInt(rials) * 100n);
  const authorization = `Bearer ${await service.tokenOf(id, role)}`;
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = { authorization, ...(init.headers as Record<string, string>) };
    const response = await fetch(service.origin + path, { ...init, headers });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const send = async (body: object, key?: string) =>
    ask("/sms/v1/send", {
      method: "POST",
      body: JSON.stringify(body),
      headers: {
        "content-type": "application/json",
        ...(key !== undefined && { "idempotency-key": key }),
      },
    });
  const report = async (query: string | Record<string, string> = {}) =>
    ask(`/sms/v1/report?${new URLSearchParams(query).toString()}`);
  return { id, ask, send, report };
}

const stored = async (id: string) => {
  const { rows } = await sql<Record<string, unknown>>`
    select message.account_id, receiver, lane, state, texts[1] as content
    from message join chunk on chunk.id = chunk_id where message.id = ${id}`.execute(
    world.sms.db.sql,
  );
  return rows[0];
};

test("a text is sent, and its id is that of the message", async () => {
  const { id, send } = await client("USER", 10_000);
  const text = {
    user_id: id,
    receiver: "۰۹۱۲ ۱۲۳ ۴۵۶۷",
    content: "سلام، کد شما ۱۲۳۴",
    is_express: true,
  };
  const { status, body } = await send(text);
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual(["sms_id", "task_id"]);
  expect(await stored(body.sms_id)).toMatchObject({
    account_id: id,
    receiver: "989121234567",
    lane: "EXPRESS",
    state: "QUEUED",
    content: text.content,
  });
  expect(world.ledger.available(id)).toBe(10_000_00n - 1500_00n);
});

test("the token alone tells who sends, and texts go by the standard lane", async () => {
  const { id, send } = await client("USER", 1000);
  const { status, body } = await send({ receiver: "+989121234567", content: "hello" });
  expect([status, (await stored(body.sms_id))?.["lane"]]).toEqual([200, "BULK"]);
  expect(world.ledger.available(id)).toBe(0n);
});

test("M12 the same key is the same text once, and says so", async () => {
  const { id, send } = await client("USER", 5000);
  const text = { user_id: id, receiver: "09121234567", content: "once" };
  const first = await send(text, "key-1");
  const again = await send(text, "key-1");
  expect([again.status, again.body]).toEqual([200, first.body]);
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(world.ledger.available(id)).toBe(4000_00n);
  const other = await send({ ...text, content: "twice" }, "key-1");
  expect([other.status, other.body.code]).toEqual([409, "IDEMPOTENCY_KEY_REUSED"]);
});

test("M1 who can't pay is told so in the words that clients know", async () => {
  const { id, send } = await client("USER", 999);
  const { status, body } = await send({ user_id: id, receiver: "09121234567", content: "a" });
  expect([status, body]).toEqual([
    400,
    { error: "Insufficient funds", code: "INSUFFICIENT_FUNDS" },
  ]);
});

test.each<[string, object, object]>([
  ["nothing", {}, { receiver: ["This field is required."], content: ["This field is required."] }],
  ["no number", { receiver: "12", content: "a" }, { receiver: ["12 is not a mobile number."] }],
  ["a fixed line", { receiver: "02188888888", content: "a" }, { receiver: [expect.any(String)] }],
  [
    "another country",
    { receiver: "+905321234567", content: "a" },
    { receiver: [expect.any(String)] },
  ],
  [
    "a number as a number",
    { receiver: 9121234567, content: "a" },
    { receiver: ["This field must be a text."] },
  ],
  [
    "no text",
    { receiver: "09121234567", content: "" },
    { content: ["This field must not be empty."] },
  ],
  ["blanks", { receiver: "09121234567", content: " \n " }, { content: ["The text is empty."] }],
  [
    "half a pair",
    { receiver: "09121234567", content: "a\uD800" },
    { content: [expect.any(String)] },
  ],
  [
    "481 characters",
    { receiver: "09121234567", content: "ی".repeat(481) },
    { content: ["This field must have at most 480 characters."] },
  ],
  [
    "a word for a truth value",
    { receiver: "09121234567", content: "a", is_express: "true" },
    { is_express: [expect.any(String)] },
  ],
  [
    "a field of somebody's own",
    { receiver: "09121234567", content: "a", lane: 1 },
    { lane: ["This field is not known."] },
  ],
  [
    "a number for the user",
    { receiver: "09121234567", content: "a", user_id: 7 },
    { user_id: ["This field must be a text."] },
  ],
])("%s is refused by field, and costs nothing", async (_, body, problems) => {
  const { id, send } = await client("USER", 100_000);
  const answer = await send(body);
  expect([answer.status, answer.body]).toEqual([400, problems]);
  expect(world.ledger.available(id)).toBe(100_000_00n);
});

test("480 characters are taken", async () => {
  const { id, send } = await client("USER", 100_000);
  const { status } = await send({ user_id: id, receiver: "09121234567", content: "ی".repeat(480) });
  expect(status).toBe(200);
});

test("who is not let in hears why", async () => {
  const { send } = await client("USER", 1000);
  const text = { receiver: "09121234567", content: "a" };
  const foreign = await send({ ...text, user_id: newId() });
  expect([foreign.status, foreign.body]).toEqual([
    403,
    { error: "The field user_id has to name the caller.", code: "NOT_ALLOWED" },
  ]);
  const admin = await client("ADMIN");
  expect((await admin.send(text)).body.code).toBe("NOT_ALLOWED"); // not a user's own money
  const nobody = await fetch(`${service.origin}/sms/v1/send`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect([nobody.status, await nobody.json()]).toMatchObject([401, { code: "BAD_CREDENTIALS" }]);
});

test("a report shows each message as the replaced system did", async () => {
  const { id: accountId, report } = await client();
  const at = Date.UTC(2026, 0, 1);
  const id = idAt(Date.now());
  await insertMessages(world.sms.db, [
    { id, accountId, content: "سلام", state: "SENT", lane: "EXPRESS", price: 150_099 },
  ]);
  await sql`update message set updated_at = ${new Date(at).toISOString()} where id = ${id}`.execute(
    world.sms.db.sql,
  );
  const { status, body } = await report();
  expect(status).toBe(200);
  expect(body).toEqual({
    count: 1,
    next: null,
    previous: null,
    results: [
      {
        id,
        message_id: id,
        receiver: "+989121234567",
        sender: "3000505",
        status: "sent",
        content: "سلام",
        cost: 1500,
        is_express: true,
        created_at: new Date(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toISOString(),
        modified_at: "2026-01-01T00:00:00.000Z",
      },
    ],
  });
});

test("what was sent is in the report, by its sms_id", async () => {
  const { id, send, report } = await client("USER", 1000);
  const sent = await send({ user_id: id, receiver: "09121234567", content: "hello" });
  const { body } = await report({ user_id: id });
  expect(body.results).toMatchObject([
    { id: sent.body.sms_id, status: "in_queue", content: "hello", cost: 1000, is_express: false },
  ]);
});

test("pages of 25 lead to each other, newest first, with their filters", async () => {
  const { id: accountId, ask, report } = await client();
  const nowMs = Date.now();
  const ids = Array.from({ length: 60 }, (_, n) => idAt(nowMs - n * 1000));
  await insertMessages(
    world.sms.db,
    ids.map((id) => ({ id, accountId, state: "FAILED" as const })),
  );
  await insertMessages(world.sms.db, [{ id: idAt(nowMs), accountId, state: "SENT" }]);
  const seen: string[] = [];
  let page = (await report({ status: "failed", receiver: "0912 123 45 67" })).body;
  expect([page.count, page.previous]).toEqual([60, null]);
  for (;;) {
    seen.push(...page.results.map((one: { id: string }) => one.id));
    if (page.next === null) break;
    expect(page.results).toHaveLength(25);
    page = (await ask(page.next)).body;
  }
  expect(seen).toEqual(ids);
  const before = (await ask(page.previous)).body;
  expect(before.results.map((one: { id: string }) => one.id)).toEqual(ids.slice(25, 50));
});

test("every state has its word, and every word finds its states", async () => {
  const { id: accountId, report } = await client();
  const words = {
    created: ["ACCEPTED", "SCHEDULED"],
    in_queue: ["QUEUED", "SENDING", "UNCERTAIN"],
    sent: ["SENT", "PARTIALLY_DELIVERED"],
    delivered: ["DELIVERED"],
    failed: ["UNDELIVERED", "FAILED", "CANCELLED", "EXPIRED", "REJECTED"],
  } as const;
  const messages = Object.values(words).flatMap((states) =>
    states.map((state) => ({ id: newId(), accountId, state })),
  );
  await insertMessages(world.sms.db, messages);
  for (const [status, states] of Object.entries(words)) {
    const { body } = await report({ status });
    expect([body.count, ...body.results.map((one: { status: string }) => one.status)]).toEqual([
      states.length,
      ...states.map(() => status),
    ]);
  }
  expect((await report()).body.count).toBe(messages.length);
});

test("both dates are in the report, a day as a whole", async () => {
  const { id: accountId, report } = await client();
  const day = new Date().toISOString().slice(0, 10);
  const midnightMs = Date.parse(`${day}T00:00:00Z`);
  const DAY_MS = 86_400_000;
  const [before, first, last, after] = [-1, 0, DAY_MS - 1, DAY_MS].map((ms) =>
    idAt(midnightMs + ms),
  );
  const ids = [before!, first!, last!, after!];
  await insertMessages(
    world.sms.db,
    ids.map((id) => ({ id, accountId })),
  );
  const found = async (query: Record<string, string>) =>
    (await report(query)).body.results.map((one: { id: string }) => one.id);
  expect(await found({ start_date: day, end_date: day })).toEqual([last, first]);
  expect(await found({ start_date: `${day}T00:00:01Z` })).toEqual([after, last]);
  expect(await found({ end_date: `${day}T00:00:00Z` })).toEqual([first, before]);
});

test.each([
  ["status=lost", "status"],
  ["receiver=12", "receiver"],
  ["start_date=yesterday", "start_date"],
  ["end_date=2026-02-30", "end_date"],
  ["page=0", "page"],
  ["page=x", "page"],
  ["page=2", "page"],
  ["reciever=09121234567", "reciever"],
])("the query %s is refused by its field", async (query, field) => {
  const { report } = await client();
  const { status, body } = await report(query);
  expect([status, Object.keys(body)]).toEqual([400, [field]]);
});

test("an empty filter asks for nothing", async () => {
  const { report } = await client();
  const { status, body } = await report("status=&receiver=&start_date=&end_date=&page=&user_id=");
  expect([status, body]).toEqual([200, { count: 0, next: null, previous: null, results: [] }]);
});

test("S7 a user reports the own messages alone, an administrator anybody's", async () => {
  const [one, other] = [await client(), await client()];
  const sender = newId().slice(-12);
  await insertMessages(world.sms.db, [
    { id: newId(), accountId: one.id, sender },
    { id: newId(), accountId: other.id, sender },
  ]);
  expect((await one.report()).body.count).toBe(1);
  expect((await one.report({ user_id: one.id })).body.count).toBe(1);
  const foreign = await one.report({ user_id: other.id });
  expect([foreign.status, foreign.body.code]).toEqual([403, "NOT_ALLOWED"]);
  const admin = await client("ADMIN");
  const { body } = await admin.report({ user_id: other.id });
  expect([body.count, body.results[0].sender]).toEqual([1, sender]);
  expect((await admin.report()).body.count).toBeGreaterThanOrEqual(2);
  expect((await admin.report({ user_id: "x" })).body).toEqual({ user_id: [expect.any(String)] });
});

test("the verbs of the paths are told", async () => {
  const { ask } = await client();
  for (const [path, method, allowed] of [
    ["/sms/v1/send", "GET", "POST"],
    ["/sms/v1/report", "POST", "GET"],
  ] as const) {
    const { status, headers, body } = await ask(path, { method });
    expect([status, headers.get("allow"), body.code]).toEqual([405, allowed, "VERB_NOT_ALLOWED"]);
  }
  expect((await ask("/sms/v1/other")).status).toBe(404);
});
