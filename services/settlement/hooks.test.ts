import { createHmac } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Script } from "../../simulators/bank/script.ts";
import { PayoutAlarm_Kind } from "#gen/mizan/settlement/v1/events_pb.ts";
import { Payout_State } from "#gen/mizan/settlement/v1/payout_pb.ts";
import type { CallRecord } from "#mesh/call-record.ts";
import { type HttpServer, listenHttp } from "#mesh/edge/http-server.ts";
import type { Page } from "#mesh/edge.ts";
import { CALLBACK_KEPT_DAYS, MAX_CALLBACK_BYTES } from "#mesh/limits.ts";
import { receiveTrace } from "#mesh/trace.ts";
import type { Settlement } from "./context.ts";
import { createEngine, type Engine } from "./engine/engine.ts";
import { hooks } from "./hooks.ts";
import { applyCallbacks } from "./operations/apply-callbacks.ts";
import { createPayouts } from "./operations/create-payouts.ts";
import { forgetCallbacks } from "./operations/forget-callbacks.ts";
import { getPayout } from "./operations/get-payout.ts";
import { simulatedBanks } from "./testing/simulated-banks.ts";
import { askedFor, callOf, testSettlement } from "./testing/test-settlement.ts";

type Simulated = Awaited<ReturnType<typeof simulatedBanks>>;

let world: Awaited<ReturnType<typeof testSettlement>>;
let http: HttpServer;
let simulated: Simulated;
let settlement: Settlement;
let engine: Engine;
let origin: string;
const calls: CallRecord[] = [];
let storedCalls = 0;

beforeAll(async () => {
  world = await testSettlement({ terms: { answerMs: 0 } });
  let page: Page | undefined;
  http = await listenHttp({ host: "127.0.0.1", port: 0 }, (request, response) => {
    const from = { client: { ip: "192.0.2.7" }, trace: receiveTrace(new Headers()) };
    if (page?.(request, response, request.url!, from) !== true) response.writeHead(599).end();
  });
  origin = `http://127.0.0.1:${http.port}`;
  simulated = await simulatedBanks({ hookOrigin: origin });
  const banks = new Map([["bank", simulated.first.provider]]);
  settlement = { ...world.settlement, banks };
  engine = createEngine(settlement);
  page = hooks({
    ...settlement,
    calls: (call) => void calls.push(call),
    stored: () => void (storedCalls += 1),
  });
});
afterAll(async () => {
  await engine.settled();
  await simulated[Symbol.asyncDispose]();
  await http[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});
beforeEach(async () => {
  simulated.first.bank.reset();
  calls.length = 0;
  storedCalls = 0;
  await sql`truncate bank_callback, outbox`.execute(settlement.db.sql);
});

type Row = { event_id: string; our_ref: string; effect: string | null; body: string };

async function stored(): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select event_id, our_ref, effect, convert_from(body, 'UTF8') as body
    from bank_callback order by seq`.execute(settlement.db.sql);
  return rows;
}

function signed(body: string, secret = simulated.first.options.hookSecret) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const hex = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return { "bank-timestamp": timestamp, "bank-signature": `v1=${hex}` };
}

const eventOf = (eventId: string, reference = "of-nobody", own: object = {}) =>
  JSON.stringify({ event_id: eventId, reference, status: "COMPLETED", amount: "1.00", ...own });

async function push(body: string, headers: Record<string, string> = signed(body), name = "bank") {
  return fetch(`${origin}/hooks/bank/${name}`, { method: "POST", headers, body });
}

/** A payout of 1.00 that the bank handles by a script. */
async function payoutBy(script: Partial<Script>) {
  await simulated.first.bank.change({ script });
  const asked = askedFor();
  await createPayouts(settlement, engine, [asked], callOf());
  await engine.settled();
  return asked.payoutId;
}

/** Waits for so many call-backs, and applies them. */
async function applied(count: number): Promise<void> {
  await vi.waitFor(async () => expect(await stored()).toHaveLength(count), 5000);
  while (await applyCallbacks(settlement));
}

const stateOf = async (payoutId: string) => (await getPayout(settlement, payoutId)).state;

test("GATE-4 a call-back is stored as it came, and only then answered; nothing is done yet", async () => {
  const body = ` ${eventOf("e1")}\n`;
  const response = await push(body);
  expect([response.status, await response.json()]).toEqual([200, { received: 1 }]);
  expect(await stored()).toEqual([{ event_id: "e1", our_ref: "of-nobody", effect: null, body }]);
  expect([calls, storedCalls]).toEqual([[], 1]);
});

test("GATE-4 a stranger is refused and logged, and nothing of what he brings is kept", async () => {
  const body = eventOf("e1");
  const guesses = [{}, signed(body, "a guess"), signed(`${body} `)];
  for (const headers of guesses) {
    const response = await push(body, headers);
    expect([response.status, await response.text()]).toEqual([
      401,
      expect.stringContaining("BAD_CREDENTIALS") as string,
    ]);
  }
  expect(await stored()).toEqual([]);
  const method = "POST /hooks/bank/bank";
  const record = { method, principal: "public", ip: "192.0.2.7", reason: "BAD_CREDENTIALS" };
  expect(calls).toMatchObject([record, record, record]);
  const refused = world.log.records.filter(({ msg }) => msg === "a call-back was refused");
  expect(refused.length).toBeGreaterThanOrEqual(3);
  const signatures = guesses.map((guess) => Object(guess)["bank-signature"] as string);
  for (const signature of signatures.slice(1))
    expect(JSON.stringify([world.log.records, calls])).not.toContain(signature);
});

test("what is signed and makes no sense, is too large or for nobody is refused", async () => {
  const nonsense = eventOf("e1", "r", { status: "PAID" });
  expect((await push(nonsense)).status).toBe(400);
  expect((await push("x".repeat(MAX_CALLBACK_BYTES + 1))).status).toBe(413);
  const body = eventOf("e1");
  expect((await push(body, signed(body), "others")).status).toBe(404);
  expect((await fetch(`${origin}/hooks/bank/bank`)).status).toBe(405);
  expect(await stored()).toEqual([]);
});

test("a call-back that can't be stored is not answered with success", async () => {
  await sql`alter table bank_callback rename to callback_away`.execute(settlement.db.sql);
  try {
    expect((await push(eventOf("e1"))).status).toBe(500);
  } finally {
    await sql`alter table callback_away rename to bank_callback`.execute(settlement.db.sql);
  }
  expect((await push(eventOf("e1"))).status).toBe(200); // the bank repeats it
});

test("an event that comes many times at once is stored once", async () => {
  const body = eventOf("e1");
  const answers = await Promise.all(Array.from({ length: 50 }, async () => push(body)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await stored()).toHaveLength(1);
});

test("S12 (e) SUCCEEDED five times, ACCEPTED late and FAILED at last are one end, and a flag", async () => {
  const payoutId = await payoutBy({
    outcome: "accept",
    callbackCopies: 5,
    callbackDisorder: true,
    second: "FAILED",
    secondDelayMs: 500,
  });
  const told = async () => (await world.changes()).filter(({ id }) => id === payoutId);
  expect(await stateOf(payoutId)).toBe("SENDING");
  await applied(2);
  expect(await stateOf(payoutId)).toBe("SUCCEEDED");
  const before = await told();
  expect(before.at(-1)).toMatchObject({ state: Payout_State.SUCCEEDED, isContradicted: false });
  await applied(3);
  expect((await stored()).map(({ effect }) => effect)).toEqual(["MOVED", "NOTHING", "MOVED"]);
  const added = (await told()).slice(before.length);
  expect(added).toMatchObject([{ state: Payout_State.SUCCEEDED, isContradicted: true }]);
  expect((await world.alarms()).map(({ kind }) => kind)).toEqual([PayoutAlarm_Kind.CONTRADICTED]);
});

test("news that come before the answer of the submit are kept, whoever is first", async () => {
  const payoutId = await payoutBy({ outcome: "accept", callbackEarly: true });
  await applied(1);
  expect(await stateOf(payoutId)).toBe("SUCCEEDED");
});

test("an accepted payment that fails in the end has failed, with the bank's reason", async () => {
  const payoutId = await payoutBy({ outcome: "accept", end: "FAILED", code: "ACCOUNT_BLOCKED" });
  await applied(1);
  const payout = await getPayout(settlement, payoutId);
  expect([payout.state, payout.reason]).toEqual(["FAILED", "ACCOUNT_BLOCKED"]);
});

test("a payment that the bank sends back is returned", async () => {
  const payoutId = await payoutBy({ second: "RETURNED", secondDelayMs: 20 });
  expect(await stateOf(payoutId)).toBe("SUCCEEDED");
  await applied(1);
  expect(await stateOf(payoutId)).toBe("RETURNED");
});

test("another amount than we have asked for ends nothing, and somebody is told", async () => {
  const payoutId = await payoutBy({ outcome: "accept", end: "none", callbackCopies: 0 });
  const { attempts } = await getPayout(settlement, payoutId);
  await push(eventOf("wrong", attempts[0]!.ourRef, { amount: "2.00" }));
  await applied(1);
  const payout = await getPayout(settlement, payoutId);
  expect([payout.state, payout.reason]).toEqual(["UNKNOWN", "AMOUNT_DIFFERS"]);
  expect(await world.alarms()).toMatchObject([{ payoutId, provider: "bank" }]);
});

test("a reference that nobody knows moves nothing, and is not looked at again", async () => {
  await push(eventOf("e1"));
  await applied(1);
  expect(await stored()).toMatchObject([{ effect: "STRANGE" }]);
  expect(await applyCallbacks(settlement)).toBeUndefined();
});

test("one call-back that can't be applied is put off, and holds no other up", async () => {
  const [bad, good] = [
    await payoutBy({ outcome: "accept", end: "none" }),
    await payoutBy({ outcome: "accept", end: "none" }),
  ];
  const trigger = `
    create function refuse() returns trigger language plpgsql as $$
      begin if new.payout_id = '${bad}' then raise 'not this one'; end if; return new; end $$;
    create trigger refuse before insert on payout_event for each row execute function refuse()`;
  await sql.raw(trigger).execute(settlement.db.sql);
  try {
    for (const id of [bad, good]) {
      const { attempts } = await getPayout(settlement, id);
      await push(eventOf(`of-${id}`, attempts[0]!.ourRef));
    }
    await applied(2);
    expect((await stored()).map(({ effect }) => effect)).toEqual([null, "MOVED"]);
    expect([await stateOf(bad), await stateOf(good)]).toEqual(["SENDING", "SUCCEEDED"]);
  } finally {
    await sql`drop function refuse cascade`.execute(settlement.db.sql);
  }
  await sql`update bank_callback set due_at = now() where effect is null`.execute(
    settlement.db.sql,
  );
  await applied(2);
  expect(await stateOf(bad)).toBe("SUCCEEDED");
});

test("call-backs are kept for a time after they were applied, and open ones for ever", async () => {
  for (const id of ["old", "open", "young"]) await push(eventOf(id));
  const { sql: db } = settlement.db;
  await sql`update bank_callback set due_at = null, effect = 'NOTHING'
    where event_id <> 'open'`.execute(db);
  await sql`update bank_callback set received_at = now() - make_interval(days => ${CALLBACK_KEPT_DAYS + 1})
    where event_id <> 'young'`.execute(db);
  await forgetCallbacks(settlement, new AbortController().signal);
  expect((await stored()).map(({ event_id: id }) => id)).toEqual(["open", "young"]);
});
