import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Script } from "../../../simulators/bank/script.ts";
import { type SimulatedBank, simulatedBanks } from "../testing/simulated-banks.ts";
import { CallbackError, type OutgoingTransfer, type Outcome } from "./bank.ts";
import { httpBank } from "./http-bank.ts";

let world: Awaited<ReturnType<typeof simulatedBanks>>;
let simulated: SimulatedBank;
const { signal } = new AbortController();

beforeAll(async () => {
  world = await simulatedBanks({ timeoutMs: 400 });
  simulated = world.first;
});
afterAll(async () => world[Symbol.asyncDispose]());
beforeEach(() => simulated.bank.reset());

let last = 0;

function transfer(own: Partial<OutgoingTransfer> = {}): OutgoingTransfer {
  last += 1;
  return {
    ref: `ref-${last}`,
    account: "IR820540102680020817909002",
    amountMinor: 12_345n,
    asset: "IRR",
    description: `payout ${last}`,
    ...own,
  };
}

async function submitOne(one = transfer()) {
  const [outcome] = await simulated.provider.submit([one], signal);
  return { one, outcome: outcome! };
}

const found = async (ref: string) => (await simulated.provider.lookup([ref], signal))[0]!;
const paid = async (reference: string) => (await simulated.bank.received({ reference })).transfers;

describe("accepted", () => {
  test("PAY-2 a call of 100 keeps the order, and sends reference, account, amount and words", async () => {
    const transfers = Array.from({ length: 100 }, (_, index) =>
      transfer({ amountMinor: BigInt(index + 1), account: `account-${index}` }),
    );
    const outcomes = await simulated.provider.submit(transfers, signal);
    for (const [index, { ref, account, description }] of transfers.entries()) {
      const amount = `${index === 99 ? 1 : 0}.${String((index + 1) % 100).padStart(2, "0")}`;
      const [payment] = await paid(ref);
      expect(payment).toMatchObject({ account, amount, description, asset: "IRR", submits: 1 });
      const bankReference = payment!.bankReference;
      expect(outcomes[index]).toMatchObject({ kind: "SUCCEEDED", bankReference });
      expect(outcomes[index]!.raw).toContain('"status":"COMPLETED"');
    }
  });

  test("what is accepted first is asked for until its end is known", async () => {
    await simulated.bank.change({ script: { outcome: "accept", endDelayMs: 50 } });
    const { one, outcome } = await submitOne();
    expect(outcome.kind).toBe("ACCEPTED");
    await vi.waitFor(async () => {
      expect(await found(one.ref)).toMatchObject({ kind: "SUCCEEDED", amountMinor: 12_345n });
    });
  });

  test("the same reference with the same data is answered as before, and paid once", async () => {
    const { one, outcome } = await submitOne();
    expect((await submitOne(one)).outcome).toEqual(outcome);
    expect(await paid(one.ref)).toMatchObject([{ submits: 2, amount: "123.45" }]);
  });
});

describe("definite reject", () => {
  test.each(["PAYOUT", "PROVIDER"] as const)(
    "HS #10115 the bank's code and words are kept, and whose fault it is (%s)",
    async (rejectFault) => {
      const script = { outcome: "reject", code: "CLOSED_ACCOUNT", rejectFault } as const;
      await simulated.bank.change({ script });
      const { one, outcome } = await submitOne();
      expect(outcome).toMatchObject({
        kind: "REJECTED",
        fault: rejectFault,
        code: "CLOSED_ACCOUNT",
        text: "The account is closed.",
        raw: expect.stringContaining(one.ref) as string,
      });
      expect(await found(one.ref)).toMatchObject({ kind: "FAILED", code: "CLOSED_ACCOUNT" });
      simulated.bank.reset();
      expect((await submitOne(one)).outcome.kind).toBe("REJECTED"); // a no stays one
    },
  );

  test("one bad transfer of a call leaves the others paid", async () => {
    await simulated.bank.change({ rules: [{ account: "bad", outcome: "reject" }] });
    const three = [transfer(), transfer({ account: "bad" }), transfer()];
    const outcomes = await simulated.provider.submit(three, signal);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["SUCCEEDED", "REJECTED", "SUCCEEDED"]);
  });

  test("another asset than IRR is refused here, without a call, and the rest of it goes", async () => {
    const [foreign, own] = [transfer({ asset: "USDT" }), transfer()];
    const outcomes = await simulated.provider.submit([foreign, own], signal);
    expect(outcomes).toMatchObject([
      { kind: "REJECTED", fault: "PROVIDER", code: "ASSET_NOT_ACCEPTED" },
      { kind: "SUCCEEDED" },
    ]);
    expect(await paid(foreign.ref)).toEqual([]);
  });
});

describe("retry later, surely not accepted", () => {
  const cases: [string, Partial<Script>, Partial<Outcome>][] = [
    ["429", { callStatus: 429 }, { kind: "NOT_PROCESSED", code: "BUSY" }],
    ["503 that says so", { callStatus: 503, code: "X" }, { kind: "NOT_PROCESSED", code: "X" }],
    ["a bad key", { callStatus: 401 }, { kind: "NOT_PROCESSED", code: "BUSY" }],
    ["no funds", { outcome: "noFunds" }, { kind: "NO_FUNDS", code: "NO_FUNDS" }],
    ["not this one", { outcome: "notProcessed" }, { kind: "NOT_PROCESSED", code: "BUSY" }],
  ];
  test.each(cases)("%s", async (_name, script, outcome) => {
    await simulated.bank.change({ script });
    const { one, outcome: heard } = await submitOne();
    expect(heard).toMatchObject(outcome);
    simulated.bank.reset();
    expect((await found(one.ref)).kind).toBe("NOT_FOUND");
    expect((await submitOne(one)).outcome.kind).toBe("SUCCEEDED"); // later it may
    expect(await paid(one.ref)).toHaveLength(1);
  });

  test("a bank that is maintained says so, and answers no question", async () => {
    await simulated.bank.change({ down: { mode: "maintenance", ms: 60_000 } });
    const { one, outcome } = await submitOne();
    expect(outcome).toMatchObject({ kind: "NOT_PROCESSED", code: "MAINTENANCE" });
    expect(await found(one.ref)).toMatchObject({ kind: "NO_ANSWER", code: "MAINTENANCE" });
    expect(await simulated.provider.balance(signal)).toBeUndefined();
  });

  test("S12 b a connection that is refused before the request was sent", async () => {
    await simulated.bank.change({ down: { mode: "refuse", ms: 60_000 } });
    const one = transfer();
    const fresh = httpBank(simulated.options); // over a kept connection bytes may have left
    const [outcome] = await fresh.submit([one], signal);
    expect(outcome).toMatchObject({ kind: "NOT_SENT", code: "ECONNREFUSED" });
    const other = await world.second.provider.submit([one], signal);
    expect(other).toMatchObject([{ kind: "SUCCEEDED" }]); // the other bank has a door of its own
    simulated.bank.reset();
    await vi.waitFor(async () => expect((await submitOne(one)).outcome.kind).toBe("SUCCEEDED"));
  });

  test("an account that is spent says NO_FUNDS for what it does not cover", async () => {
    const { balance } = await simulated.bank.received();
    await simulated.bank.change({ balance: "200.00" });
    const outcomes = await simulated.provider.submit([transfer(), transfer()], signal);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["SUCCEEDED", "NO_FUNDS"]);
    expect(await simulated.provider.balance(signal)).toBe(7655n);
    await simulated.bank.change({ balance });
  });
});

describe("PAY-3 unknown", () => {
  test.each(["lost", "lostHang", "lost500", "cut", "garbage", "huge", "slow"] as const)(
    "S12 a an answer that is lost after the bank has taken it (%s) is found by reference",
    async (fault) => {
      await simulated.bank.change({ script: { fault } });
      const { one, outcome } = await submitOne();
      expect(outcome).toMatchObject({ kind: "UNKNOWN" });
      expect(await paid(one.ref)).toHaveLength(1);
      expect(await found(one.ref)).toMatchObject({ kind: "SUCCEEDED", amountMinor: 12_345n });
    },
  );

  test.each(["http500", "hang", "reset"] as const)(
    "a call that the bank has not taken (%s) is as unknown until it says so",
    async (fault) => {
      await simulated.bank.change({ script: { fault } });
      const { one, outcome } = await submitOne();
      expect(outcome).toMatchObject({ kind: "UNKNOWN" });
      expect(await paid(one.ref)).toEqual([]);
      expect((await found(one.ref)).kind).toBe("NOT_FOUND");
    },
  );

  test("the caller who gives up", async () => {
    await simulated.bank.change({ script: { fault: "lostHang" } });
    const [caller, one] = [new AbortController(), transfer()];
    const submitted = simulated.provider.submit([one], caller.signal);
    await vi.waitFor(async () => expect(await paid(one.ref)).toHaveLength(1));
    caller.abort();
    expect(await submitted).toMatchObject([{ kind: "UNKNOWN" }]);
  });

  test("a reference that the bank knows with other data", async () => {
    const { one } = await submitOne();
    const { outcome } = await submitOne({ ...one, amountMinor: 1n });
    expect(outcome).toMatchObject({ kind: "UNKNOWN", code: "DUPLICATE_REFERENCE" });
    const { outcome: elsewhere } = await submitOne({ ...one, account: "another" });
    expect(elsewhere).toMatchObject({ kind: "UNKNOWN", code: "DUPLICATE_REFERENCE" });
    expect(await found(one.ref)).toMatchObject({ kind: "SUCCEEDED", amountMinor: 12_345n });
  });

  test("an answer with another amount, which the question then tells", async () => {
    await simulated.bank.change({ script: { toldAmount: "1.00" } });
    const { one, outcome } = await submitOne();
    expect(outcome).toMatchObject({ kind: "UNKNOWN", code: "AMOUNT_DIFFERS" });
    expect(await found(one.ref)).toMatchObject({ kind: "SUCCEEDED", amountMinor: 100n });
  });

  test("503 without a word may have been anything", async () => {
    await simulated.bank.change({ down: { mode: "http503", ms: 60_000 } });
    const { one, outcome } = await submitOne();
    expect(outcome).toMatchObject({ kind: "UNKNOWN", code: "HTTP_503" });
    expect(await found(one.ref)).toMatchObject({ kind: "NO_ANSWER", code: "HTTP_503" });
  });

  test("S12 c a call that the bank takes late is not known before, and then it is", async () => {
    await simulated.bank.change({ script: { takeDelayMs: 600 } });
    const { one, outcome } = await submitOne();
    expect(outcome).toMatchObject({ kind: "UNKNOWN", code: "TIMEOUT" });
    expect((await found(one.ref)).kind).toBe("NOT_FOUND");
    await vi.waitFor(async () => expect((await found(one.ref)).kind).toBe("SUCCEEDED"));
  });
});

describe("questions", () => {
  test.each(["http500", "hang", "reset", "cut", "garbage", "huge"] as const)(
    "S12 d a question that fails (%s) says nothing, least of all that nothing was paid",
    async (lookupFault) => {
      await simulated.bank.change({ script: { lookupFault } });
      const { one } = await submitOne();
      expect((await found(one.ref)).kind).toBe("NO_ANSWER");
    },
  );

  test("every reference has its own answer, in order", async () => {
    await simulated.bank.change({
      rules: [
        { account: "fails", outcome: "accept", end: "FAILED", endDelayMs: 0 },
        { account: "returns", second: "RETURNED", secondDelayMs: 0 },
        { account: "waits", outcome: "accept", end: "none" },
      ],
    });
    const accounts = ["pays", "fails", "returns", "waits"];
    const transfers = accounts.map((account) => transfer({ account }));
    await simulated.provider.submit(transfers, signal);
    const refs = [...transfers.map(({ ref }) => ref), "nobody"];
    const kinds = ["SUCCEEDED", "FAILED", "RETURNED", "ACCEPTED", "NOT_FOUND"];
    await vi.waitFor(async () => {
      const answers = await simulated.provider.lookup(refs, signal);
      expect(answers.map(({ kind }) => kind)).toEqual(kinds);
    });
  });
});

/** A bank that answers with whatever a test says. */
async function rawBank() {
  const told = { status: 200, body: "" };
  const server = createServer((_request, response) => {
    response.writeHead(told.status).end(told.body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const provider = httpBank({ ...simulated.options, url: `http://127.0.0.1:${port}` });
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { told, provider, [Symbol.asyncDispose]: close };
}

describe("answers that no bank should give", () => {
  const entry = { reference: "r", status: "COMPLETED", amount: "123.45", bank_reference: "b" };
  const results = (...entries: object[]) => JSON.stringify({ results: entries });
  test.each([
    [200, results(), "NO_ENTRY"],
    [200, results({ ...entry, reference: "another" }), "NO_ENTRY"],
    [200, results(entry, { ...entry, status: "REJECTED" }), "NO_ENTRY"],
    [200, results({ ...entry, bank_reference: "" }), "NO_BANK_REFERENCE"],
    [200, results({ ...entry, bank_reference: 7 }), "NO_BANK_REFERENCE"],
    [200, results({ ...entry, amount: "123.4500" }), "AMOUNT_DIFFERS"],
    [200, results({ ...entry, amount: 123.45 }), "AMOUNT_DIFFERS"],
    [200, results({ ...entry, status: "DONE" }), "UNREADABLE"],
    [200, results({ ...entry, status: undefined }), "UNREADABLE"],
    [200, '{"status":"NOT_PROCESSED","code":"MAINTENANCE"}', "MAINTENANCE"],
    [200, "[]", "UNREADABLE"],
    [200, "null", "UNREADABLE"],
    [204, "", "UNREADABLE"],
    [302, "", "HTTP_302"],
    [404, "no such page", "HTTP_404"],
    [500, results(entry), "HTTP_500"],
    [502, "", "HTTP_502"],
  ])("HTTP %i with %s is UNKNOWN", async (status, body, code) => {
    await using bank = await rawBank();
    Object.assign(bank.told, { status, body });
    const [outcome] = await bank.provider.submit([transfer({ ref: "r" })], signal);
    expect(outcome).toMatchObject({ kind: "UNKNOWN", code });
    const [answer] = await bank.provider.lookup(["r"], signal);
    expect(["NO_ANSWER", "SUCCEEDED"]).toContain(answer!.kind);
  });

  test.each([
    [429, ""],
    [401, "<html>"],
    [403, ""],
    [400, '{"status":"NOT_PROCESSED","code":"MALFORMED"}'],
    [503, '{"status":"NOT_PROCESSED"}'],
  ])("HTTP %i with %s was surely not processed", async (status, body) => {
    await using bank = await rawBank();
    Object.assign(bank.told, { status, body });
    const [outcome] = await bank.provider.submit([transfer({ ref: "r" })], signal);
    expect(outcome).toMatchObject({ kind: "NOT_PROCESSED" });
  });

  test("words without an end are cut before they are kept", async () => {
    await using bank = await rawBank();
    const message = "x".repeat(10_000);
    bank.told.body = results({ ...entry, status: "REJECTED", code: message, message });
    const [outcome] = await bank.provider.submit([transfer({ ref: "r" })], signal);
    const { code, text, raw } = outcome as Extract<Outcome, { kind: "REJECTED" }>;
    expect([code.length, text.length, raw.length]).toEqual([500, 500, 500]);
  });
});

describe("GATE-4 call-backs", () => {
  const nowMs = Date.parse("2026-11-21T12:00:00Z");
  const timestamp = String(nowMs / 1000);
  const event = {
    event_id: "e1",
    reference: "r1",
    status: "COMPLETED",
    amount: "123.45",
    bank_reference: "b1",
    code: "",
    message: "paid",
  };

  function signed(body: string, at = timestamp, secret = simulated.options.hookSecret) {
    const hex = createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
    return { "bank-timestamp": at, "bank-signature": `v1=${hex}` };
  }

  function parse(body: string, headers: Record<string, string>) {
    return simulated.provider.parseCallback({ headers, body: Buffer.from(body), nowMs });
  }

  function faultOf(body: string, headers: Record<string, string>): string {
    try {
      parse(body, headers);
      return "none";
    } catch (error) {
      return (error as CallbackError).fault;
    }
  }

  test("tell what a question would", () => {
    const body = JSON.stringify(event);
    expect(parse(body, signed(body))).toEqual({
      eventId: "e1",
      ref: "r1",
      kind: "SUCCEEDED",
      bankReference: "b1",
      amountMinor: 12_345n,
      code: "",
      text: "paid",
      raw: body,
    });
  });

  test("are a stranger's when the signature is not over these bytes at this time", () => {
    const body = JSON.stringify(event);
    const good = signed(body);
    const other = Number(timestamp) - 1;
    expect([
      faultOf(body, {}),
      faultOf(`${body} `, good),
      faultOf(body, { ...good, "bank-timestamp": String(other) }),
      faultOf(body, { ...good, "bank-timestamp": "now" }),
      faultOf(body, { ...good, "bank-signature": good["bank-signature"].slice(3) }),
      faultOf(body, { ...good, "bank-signature": "v1=00" }),
      faultOf(body, signed(body, timestamp, world.second.options.hookSecret)),
      faultOf("not JSON", {}),
    ]).toEqual(Array.from({ length: 8 }, () => "STRANGER"));
  });

  test("are good for five minutes, before and after our time", () => {
    const body = JSON.stringify(event);
    const faults = [-301, -300, 300, 301].map((offset) =>
      faultOf(body, signed(body, String(Number(timestamp) + offset))),
    );
    expect(faults).toEqual(["STRANGER", "none", "none", "STRANGER"]);
  });

  test("may be signed with the old secret and the new one while a bank changes it", () => {
    const body = JSON.stringify(event);
    const headers = signed(body);
    const both = `v1=${"0".repeat(64)}, ${headers["bank-signature"]}`;
    expect(faultOf(body, { ...headers, "bank-signature": both })).toBe("none");
  });

  test.each([
    ["not JSON", "{"],
    ["no object", "[]"],
    ["no event", JSON.stringify({ ...event, event_id: undefined })],
    ["an event with blanks", JSON.stringify({ ...event, event_id: "a b" })],
    ["no reference", JSON.stringify({ ...event, reference: 7 })],
    ["an unknown status", JSON.stringify({ ...event, status: "PAID" })],
    ["a status that is none", JSON.stringify({ ...event, status: "NOT_FOUND" })],
    ["an amount that is none", JSON.stringify({ ...event, amount: "-1.00" })],
  ])("that are signed and make no sense are malformed (%s)", (_name, body) => {
    expect(faultOf(body, signed(body))).toBe("MALFORMED");
  });
});
