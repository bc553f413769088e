import { afterAll, beforeAll, expect, test } from "vitest";
import { type TemporaryStack, temporaryStack } from "../scripts/platform/temporary-stack.ts";
import { eventually } from "./processes.ts";

// A newcomer with nothing but HTTP: joins, is charged, sends a text, sees it arrive, and reads report
// and statement. Each test goes on from the one before.

let temporary: TemporaryStack;
beforeAll(async () => {
  temporary = await temporaryStack({ say: () => undefined });
}, 300_000); // a first start may build the broker
afterAll(async () => temporary[Symbol.asyncDispose]());

const [joining, paying] = [crypto.randomUUID(), crypto.randomUUID()];
const password = "a long enough password";
const receiver = "09123456789";
let token: string;
let adminToken: string;
let userId: string;
let messageId: string;

test("she joins and logs in", async () => {
  await call(
    "core.v1.UserService/RegisterUser",
    { username: "newcomer", password },
    { key: joining },
  );
  const session = await call("core.v1.UserService/Login", { username: "newcomer", password });
  [token, userId] = [session["accessToken"] as string, (session["user"] as { id: string }).id];
  expect(userId).toMatch(/^[\da-f-]{36}$/);
});

test("without money a text is refused, and nothing is stored", async () => {
  const text = { receiver, content: "Too early.", isExpress: true };
  const refusal = await call("sms.v1.MessageService/SendMessage", text, { as: token });
  expect(refusal).toMatchObject({
    code: "failed_precondition",
    details: [{ debug: { reason: "INSUFFICIENT_FUNDS" } }],
  });
  const list = await call("sms.v1.MessageService/ListMessages", {}, { as: token });
  expect(list["messages"] ?? []).toEqual([]);
});

test("an administrator charges her account by the path of existing clients", async () => {
  const { username, password: secret } = dev().admin;
  const session = await call("core.v1.UserService/Login", { username, password: secret });
  adminToken = session["accessToken"] as string;
  const body = { user_id: userId, amount: 5000 };
  const charged = await plain("/billing/v1/charge", { body, as: adminToken, key: paying });
  expect(charged).toEqual([200, { user_id: userId, total_balance: 5000 }]);
});

test("a text goes to the provider and arrives, and she sees each step", async () => {
  const text = { receiver, content: "سلام، کد ورود شما ۴۸۲۱ است.", isExpress: true };
  const key = crypto.randomUUID();
  const send = async () => call("sms.v1.MessageService/SendMessage", text, { as: token, key });
  const { message } = (await send()) as { message: Shown };
  messageId = message.id;
  expect(message).toMatchObject({
    receiver: "+989123456789",
    segments: 1,
    price: rials("1500.00"),
  });
  expect(((await send()) as { message: Shown }).message.id).toBe(messageId);
  await eventually("it arrives", async () => (await shown()).state.endsWith("_DELIVERED"), 20_000);
  expect(await shown()).toMatchObject({
    state: "MESSAGE_STATE_DELIVERED",
    chargeState: "CHARGE_STATE_CAPTURED",
    provider: "magfa",
    attempts: 1,
  });
}, 30_000);

test("the path of existing clients sends a text too, for her own account only", async () => {
  const body = { user_id: userId, receiver, content: "Hello again.", is_express: false };
  const [status, sent] = await plain("/sms/v1/send", { body, as: token });
  expect([status, Object.keys(sent).toSorted()]).toEqual([200, ["sms_id", "task_id"]]);
  const others = { ...body, user_id: crypto.randomUUID() };
  expect((await plain("/sms/v1/send", { body: others, as: token }))[0]).toBe(403);
  messageId = sent["sms_id"] as string;
  await eventually("it arrives", async () => (await shown()).state.endsWith("_DELIVERED"), 20_000);
}, 30_000);

test("the report lists both, newest first", async () => {
  const [status, report] = await plain("/sms/v1/report?status=delivered", { as: token });
  expect([status, report]).toMatchObject([
    200,
    {
      count: 2,
      results: [
        { status: "delivered", cost: 1000, is_express: false },
        { status: "delivered", cost: 1500, is_express: true },
      ],
    },
  ]);
});

test("her statement shows what was taken, and her balance what is left", async () => {
  const balance = async () => call("billing.v1.WalletService/GetBalance", irr, { as: token });
  const left = { available: rials("2500.00"), held: rials("0.00"), total: rials("2500.00") };
  await eventually(
    "both are paid",
    async () => {
      return (await balance())["balance"]?.["held"]?.["amount"] === "0.00";
    },
    20_000,
  );
  expect(await balance()).toMatchObject({ balance: left });
  const { entries } = (await call("billing.v1.WalletService/ListEntries", irr, { as: token })) as {
    entries: { type: string; amount: unknown }[];
  };
  const moves = entries.filter(({ type }) => type !== "TYPE_HOLD");
  expect(moves).toMatchObject([
    { type: "TYPE_SMS_DEDUCTION", amount: rials("1000.00") },
    { type: "TYPE_SMS_DEDUCTION", amount: rials("1500.00") },
    { type: "TYPE_CHARGE", amount: rials("5000.00") },
  ]);
}, 30_000);

test("nobody sends without a token, and nobody reads another's message", async () => {
  const text = { receiver, content: "Whose is this?" };
  const refusal = await call("sms.v1.MessageService/SendMessage", text);
  expect(refusal).toMatchObject({ code: "unauthenticated" });
  const stranger = { username: "stranger", password };
  await call("core.v1.UserService/RegisterUser", stranger);
  const { accessToken } = await call("core.v1.UserService/Login", stranger);
  const sent = { as: accessToken as string };
  const foreign = await call("sms.v1.MessageService/GetMessage", { messageId }, sent);
  expect(foreign).toMatchObject({
    code: "not_found",
    details: [{ debug: { reason: "MESSAGE_NOT_FOUND" } }],
  });
  const report = await plain("/sms/v1/report", sent);
  expect(report).toMatchObject([200, { count: 0, results: [] }]);
});

const irr = { asset: "IRR" };
type Shown = { readonly id: string; readonly state: string };

function rials(amount: string) {
  return { asset: "IRR", amount };
}

async function shown(): Promise<Shown> {
  const { message } = await call("sms.v1.MessageService/GetMessage", { messageId }, { as: token });
  return message as Shown;
}

type Json = Record<string, any>;
type Sent = { readonly as?: string; readonly key?: string };

/** Calls a method of the contract as curl does, with its answer or its refusal as JSON. */
async function call(method: string, body: object, { as, key }: Sent = {}): Promise<Json> {
  const [, json] = await plain(`/mizan.${method}`, {
    body,
    ...(as !== undefined && { as }),
    ...(key !== undefined && { key }),
  });
  return json;
}

async function plain(
  path: string,
  { body, as, key }: Sent & { readonly body?: object },
): Promise<[status: number, json: Json]> {
  const answer = await fetch(`${dev().origin}${path}`, {
    method: body === undefined ? "GET" : "POST",
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: {
      "content-type": "application/json",
      ...(as !== undefined && { authorization: `Bearer ${as}` }),
      ...(key !== undefined && { "idempotency-key": key }),
    },
  });
  return [answer.status, (await answer.json()) as Json];
}

function dev() {
  return temporary.current().describe();
}
