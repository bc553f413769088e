import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readBody } from "../http.ts";
import { type Simulators, startSimulators } from "../simulators.ts";
import type { Received } from "./received.ts";

const authorization = "Bearer a key";
const secret = "a secret that signs";

let simulators: Simulators;
let origin: string;
let customer: Awaited<ReturnType<typeof listen>>;

beforeEach(async () => {
  customer = await listen();
  simulators = await startSimulators({
    host: "127.0.0.1",
    port: 0,
    magfa: { account: { username: "", domain: "", password: "" } },
    banks: [{ name: "bank", port: 0, key: "a key", hook: { url: customer.url, secret } }],
  });
  origin = `http://127.0.0.1:${simulators.port}/bank`;
});
afterEach(async () => {
  await simulators[Symbol.asyncDispose]();
  await customer[Symbol.asyncDispose]();
});

type Event = { readonly event_id: string; readonly reference: string; readonly status: string };

/** A customer whose hook notes what comes; it refuses the first so many calls. */
async function listen() {
  const calls: { headers: IncomingHttpHeaders; body: string }[] = [];
  const refusing = { calls: 0 };
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    if (refusing.calls-- > 0) return response.writeHead(503).end();
    calls.push({ headers: request.headers, body });
    return response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    calls,
    refusing,
    events: () => calls.map(({ body }) => JSON.parse(body) as Event),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/bank/bank`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function transfer(reference: string, own: object = {}) {
  return { reference, account: "IR1", amount: "10.00", asset: "IRR", description: "", ...own };
}

async function send(...transfers: readonly object[]) {
  const response = await fetch(`${origin}/v1/transfers`, {
    method: "POST",
    headers: { authorization },
    body: JSON.stringify({ transfers }),
  });
  const { results } = (await response.json()) as { results: readonly Record<string, string>[] };
  return results;
}

const ask = async (path: string) => fetch(`${origin}/v1/${path}`, { headers: { authorization } });

async function statusesOf(...references: readonly string[]) {
  const response = await ask(`transfers?references=${references.join(",")}`);
  const { results } = (await response.json()) as { results: readonly { status: string }[] };
  return results.map(({ status }) => status);
}

const control = async (method: string, change?: object, path = "") =>
  fetch(`${origin}/control${path}`, { method, ...(change && { body: JSON.stringify(change) }) });

async function received(query = ""): Promise<Received> {
  return (await control("GET", undefined, `/received${query}`)).json() as Promise<Received>;
}

async function statement(query = ""): Promise<readonly string[]> {
  const date = new Date().toISOString().slice(0, 10);
  const response = await control("GET", undefined, `/statement?date=${date}${query}`);
  return (await response.text()).trimEnd().split("\r\n");
}

test("an accepted payment is told when it has ended, signed over time and body", async () => {
  await control("PATCH", { script: { outcome: "accept", endDelayMs: 20 } });
  expect(await send(transfer("a"))).toMatchObject([{ status: "ACCEPTED" }]);
  await vi.waitFor(() => expect(customer.calls).toHaveLength(1));
  const [{ headers, body } = { headers: {}, body: "" }] = customer.calls;
  const [event] = customer.events();
  expect(event).toMatchObject({ reference: "a", status: "COMPLETED", amount: "10.00" });
  const timestamp = String(headers["bank-timestamp"]);
  expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60);
  const hex = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  expect(headers["bank-signature"]).toBe(`v1=${hex}`);
});

test("a call-back that the hook refuses comes again, as the same event", async () => {
  await control("PATCH", { script: { outcome: "accept", endDelayMs: 0 } });
  customer.refusing.calls = 2;
  await send(transfer("a"));
  await vi.waitFor(() => expect(customer.calls).toHaveLength(1), 3000);
  expect((await received()).callbacks).toMatchObject({ pushed: 1, failedCalls: 2, waiting: 0 });
});

test("S12 e an end is told five times, out of order, and contradicted", async () => {
  const script = { outcome: "accept", endDelayMs: 0, callbackCopies: 5, callbackDisorder: true };
  await control("PATCH", { script: { ...script, second: "FAILED", secondDelayMs: 50 } });
  await send(transfer("a"));
  await vi.waitFor(() => expect(customer.calls).toHaveLength(15));
  const statuses = customer.events().map(({ status }) => status);
  expect(Map.groupBy(statuses, String).get("COMPLETED")).toHaveLength(5);
  expect(statuses.indexOf("ACCEPTED")).toBeGreaterThan(statuses.indexOf("COMPLETED"));
  expect(new Set(customer.events().map(({ event_id: id }) => id)).size).toBe(3);
  expect(await statusesOf("a")).toEqual(["COMPLETED"]); // it only says otherwise
});

test("an end may be told before the answer of the submit", async () => {
  await control("PATCH", { script: { outcome: "accept", callbackEarly: true } });
  expect(await send(transfer("a"))).toMatchObject([{ status: "ACCEPTED" }]);
  expect(customer.events()).toMatchObject([{ status: "COMPLETED" }]); // there is the answer only now
});

test("a call-back that is lost leaves the end to who asks", async () => {
  const rules = [{ account: "silent", callbackCopies: 0 }];
  await control("PATCH", { script: { outcome: "accept", endDelayMs: 0 }, rules });
  await send(transfer("a", { account: "silent" }), transfer("b"));
  await vi.waitFor(async () =>
    expect(await statusesOf("a", "b")).toEqual(["COMPLETED", "COMPLETED"]),
  );
  await vi.waitFor(() => expect(customer.events()).toMatchObject([{ reference: "b" }]));
});

test("a reference is paid once, however often and at once it comes", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, async () => send(transfer("a"))));
  expect(new Set(answers.map(([one]) => one!["bank_reference"])).size).toBe(1);
  expect(await received()).toMatchObject({
    payments: 1,
    paid: "10.00",
    repeats: { references: ["a"], transfers: 19 },
    transfers: [{ reference: "a", submits: 20 }],
  });
});

test("what was paid, came back or failed moves the balance, and the statement", async () => {
  const before = (await received()).balance;
  const rules = [
    { account: "fails", outcome: "accept", end: "FAILED", endDelayMs: 0 },
    { account: "returns", second: "RETURNED", secondDelayMs: 0 },
    { account: "rejected", outcome: "reject" },
    { account: "unbooked", isBooked: false },
    { account: "misbooked", bookedAmount: "7.77" },
  ];
  await control("PATCH", { rules });
  const accounts = ["pays", ...rules.map(({ account }) => account)];
  await send(...accounts.map((account) => transfer(account, { account })));
  await vi.waitFor(async () => {
    const ends = ["COMPLETED", "FAILED", "RETURNED", "FAILED", "COMPLETED", "COMPLETED"];
    expect(await statusesOf(...accounts)).toEqual(ends);
  });
  const minor = (amount: string) => BigInt(amount.replace(".", ""));
  const { balance, paid, statuses } = await received();
  expect(minor(before) - minor(balance)).toBe(3000n);
  expect([paid, statuses.REJECTED, statuses.RETURNED]).toEqual(["30.00", 1, 1]);
  await control("PATCH", { lines: [{ direction: "in", reference: 'x,"y"', amount: "40.00" }] });
  const [head, ...lines] = await statement();
  expect(head).toBe("line_id,direction,reference,amount,asset,booked_at");
  const told = lines.map((line) => line.replace(/^\d+(-R|-X1)?,/, "").replace(/,IRR,.*$/, ""));
  expect(told).toEqual([
    "out,pays,10.00",
    "out,returns,10.00",
    "out,misbooked,7.77",
    "in,returns,10.00",
    'in,"x,""y""",40.00',
  ]);
  expect(new Set(lines.map((line) => line.split(",")[0])).size).toBe(5);
});

test("a long statement comes in parts, and those of other days are empty", async () => {
  await send(...Array.from({ length: 5 }, (_, index) => transfer(`r${index}`)));
  const referencesOf = (lines: readonly string[]) =>
    lines.slice(1).map((line) => line.split(",")[2]);
  const first = await statement("&limit=3");
  const rest = await statement(`&limit=3&after=${first.at(-1)!.split(",")[0]}`);
  expect([referencesOf(first), referencesOf(rest)]).toEqual([
    ["r0", "r1", "r2"],
    ["r3", "r4"],
  ]);
  const old = await ask("statement?date=2020-01-01");
  expect([old.headers.get("content-type"), (await old.text()).split("\r\n")]).toMatchObject([
    "text/csv",
    { length: 2 },
  ]);
  expect((await ask("statement?date=someday")).status).toBe(400);
});

test("a rule holds for its account or reference, and for the next calls or transfers alone", async () => {
  const rules = [
    { reference: "b", outcome: "reject" },
    { transfers: 1, outcome: "notProcessed" },
    { calls: 1, outcome: "noFunds" },
  ];
  await control("PATCH", { rules });
  const all = async (...references: readonly string[]) =>
    (await send(...references.map((one) => transfer(one)))).map((one) => one["status"]);
  expect(await all("a", "b", "c", "d")).toEqual([
    "NOT_PROCESSED",
    "REJECTED",
    "NO_FUNDS",
    "NO_FUNDS",
  ]);
  expect(await all("a", "c", "d")).toEqual(["COMPLETED", "COMPLETED", "COMPLETED"]);
  expect(await (await control("GET")).json()).toMatchObject({ rules: [{ reference: "b" }] });
});

test("what is sent with mistakes is refused, and nothing of the call is taken", async () => {
  const bodies = ["{", "[]", '{"transfers":[]}', '{"transfers":[{"reference":"a"}]}'];
  const tooMany = Array.from({ length: 101 }, (_, index) => transfer(`r${index}`));
  for (const body of [...bodies, JSON.stringify({ transfers: tooMany })]) {
    const options = { method: "POST", headers: { authorization }, body };
    const response = await fetch(`${origin}/v1/transfers`, options);
    const answer = [response.status, await response.json()];
    expect(answer).toMatchObject([400, { status: "NOT_PROCESSED", code: "MALFORMED" }]);
  }
  const amounts = ["0.00", "-1.00", "1.001", "1e3", "ten"];
  const results = await send(...amounts.map((amount, n) => transfer(`r${n}`, { amount })));
  expect(results.map(({ code }) => code)).toEqual(amounts.map(() => "INVALID_TRANSFER"));
  expect((await send(transfer("usd", { asset: "USD" })))[0]).toMatchObject({ status: "REJECTED" });
  expect((await received()).payments).toBe(0);
});

test("a stranger and an unknown method are told so", async () => {
  const stranger = await fetch(`${origin}/v1/balance`);
  expect([stranger.status, await stranger.json()]).toMatchObject([401, { code: "UNKNOWN_KEY" }]);
  expect((await ask("nothing")).status).toBe(404);
  expect(await (await ask("balance")).json()).toMatchObject({ asset: "IRR" });
});

test("a script with a mistake is refused with its name, and changes nothing", async () => {
  const changes = [
    [{ script: { outcmoe: "accept" } }, "nobody knows outcmoe"],
    [{ script: { toldAmount: "-1" } }, "toldAmount is not as it should be"],
    [{ rules: [{ transfers: 0 }] }, "transfers is not as it should be"],
    [{ lines: [{ direction: "out" }] }, "a line has direction, reference and amount"],
    [{ down: { mode: "gone", ms: 1 } }, "mode is not as it should be"],
    [{ balance: 7 }, "balance is not as it should be"],
  ] as const;
  const before = await (await control("GET")).json();
  for (const [change, error] of changes) {
    const response = await control("PATCH", change);
    expect([response.status, await response.json()]).toEqual([400, { error: `Error: ${error}` }]);
  }
  expect(await (await control("GET")).json()).toEqual(before);
});

test("its own port is closed for a time while its control stays, which opens it again", async () => {
  const own = `http://127.0.0.1:${simulators.banks[0]!.port}/v1/balance`;
  const isOpen = async () => (await fetch(own, { headers: { authorization } })).ok;
  expect(await isOpen()).toBe(true);
  await control("PATCH", { down: { mode: "refuse", ms: 60_000 } });
  await expect(isOpen()).rejects.toThrow("fetch failed");
  await control("DELETE");
  await vi.waitFor(async () => expect(await isOpen()).toBe(true));
});

test("what was paid is forgotten when somebody asks for it, and its references are not", async () => {
  const [first] = await send(transfer("a"));
  await control("DELETE", undefined, "/received");
  expect(await received()).toMatchObject({ payments: 0, paid: "0.00", transfers: [] });
  const [second] = await send(transfer("a"));
  expect(second!["bank_reference"]).not.toBe(first!["bank_reference"]);
});
