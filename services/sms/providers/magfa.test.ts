import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type TestMagfa, testMagfa } from "../testing/test-provider.ts";
import { magfa } from "./magfa.ts";
import { type Callback, CallbackError, type Outcome, type SmsProvider } from "./provider.ts";

let simulated: TestMagfa;
let provider: SmsProvider;
const { signal } = new AbortController();
const account = { username: "user", domain: "domain", password: "password", hookSecret: "hook" };

beforeAll(async () => {
  simulated = await testMagfa({ timeoutMs: 400 });
  ({ provider } = simulated);
});
afterAll(async () => simulated[Symbol.asyncDispose]());
beforeEach(() => simulated.reset());

let lastRef = 9_007_199_254_740_993n; // beyond what a double can tell apart

function text(receiver = "+989121234567") {
  return { ref: ++lastRef, receiver, sender: "3000123", text: "سلام" };
}

async function submitOne(): Promise<{ ref: bigint; outcome: Outcome }> {
  const one = text();
  const [outcome] = await provider.submit([one], signal);
  return { ref: one.ref, outcome: outcome! };
}

describe("submit()", () => {
  test("PROV-2 a call of 100 keeps the order, and sends reference, number, sender and text", async () => {
    const texts = Array.from({ length: 100 }, (_, index) =>
      text(`+9891200000${10 + index}`.slice(0, 13)),
    );
    const outcomes = await provider.submit(texts, signal);
    for (const [index, { ref, receiver, sender, text: body }] of texts.entries()) {
      const [received] = simulated.received({ uid: ref }).texts;
      expect(received).toMatchObject({ recipient: receiver.slice(1), sender, text: body });
      expect(outcomes[index]).toEqual({
        kind: "ACCEPTED",
        providerId: received?.mid,
        parts: 1,
        tariff: "160.00",
      });
    }
  });

  test("M2 ids beyond 2^53 are kept to the digit", async () => {
    const { ref, outcome } = await submitOne();
    const [received] = simulated.received({ uid: ref }).texts;
    expect(received?.uid).toBe(`${ref}`);
    expect(BigInt(received?.mid ?? 0)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    expect(outcome).toMatchObject({ providerId: received?.mid });
  });

  test.each([
    ["sms M5", [1], { kind: "PERMANENT_MESSAGE", failure: "INVALID_NUMBER" }],
    ["sms M5", [27], { kind: "PERMANENT_MESSAGE", failure: "OPERATOR_BLACKLIST" }],
    ["sms M5", [28], { kind: "PERMANENT_MESSAGE", failure: "PREFIX_BLOCKED" }],
    ["PROV", [3, 4, 6, 13, 30, 31], { kind: "PERMANENT_REQUEST" }],
    ["PROV", [101, 102, 103, 104, 105], { kind: "PERMANENT_REQUEST" }],
    ["PROV", [106, 107, 108, 109, 110], { kind: "PERMANENT_REQUEST" }],
    ["PROV", [2, 16, 17, 18, 19, 20, 22, 29], { kind: "PARK" }],
    ["sms M19", [14], { kind: "PARK_NO_CREDIT" }],
    ["PROV", [15, 23], { kind: "BUSY" }],
    ["PROV-2", [8, 25, 33, 35, 999], { kind: "UNLISTED" }],
  ])("%s the codes %j of a text or of a call mean %j", async (_rule, codes, outcome) => {
    for (const status of codes) {
      simulated.control({ script: { status, callStatus: 0 } });
      expect((await submitOne()).outcome).toEqual({ ...outcome, code: `${status}` });
      simulated.control({ script: { status: 0, callStatus: status } });
      expect((await submitOne()).outcome).toEqual({ ...outcome, code: `${status}` });
    }
  });

  test("a call that is refused for one bad recipient condemns none of several", async () => {
    simulated.control({ script: { callStatus: 1 } });
    const outcomes = await provider.submit([text(), text()], signal);
    expect(outcomes).toEqual([
      { kind: "UNLISTED", code: "1" },
      { kind: "UNLISTED", code: "1" },
    ]);
  });

  test("FO-6 one bad recipient leaves the others of its call accepted", async () => {
    simulated.control({ rules: [{ prefix: "98935", status: 27 }] });
    const outcomes = await provider.submit([text(), text("+989351234567"), text()], signal);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["ACCEPTED", "PERMANENT_MESSAGE", "ACCEPTED"]);
  });

  test("a wrong password parks the provider", async () => {
    const stranger = magfa({ ...account, baseUrl: simulated.baseUrl, password: "wrong" });
    const outcomes = await stranger.submit([text(), text()], signal);
    expect(outcomes).toEqual([
      { kind: "PARK", code: "18" },
      { kind: "PARK", code: "18" },
    ]);
    expect(await stranger.balance(signal)).toBeUndefined();
  });

  test("sms M19 a spent credit parks the provider for want of credit", async () => {
    simulated.control({ balance: 200 }); // one part of 160
    const outcomes = await provider.submit([text(), text()], signal);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["ACCEPTED", "PARK_NO_CREDIT"]);
  });
});

describe("FO-1 a submit without an answer", () => {
  test.each(["lost", "lostHang", "lost500", "cut", "huge", "slow"] as const)(
    "sms M14 is UNKNOWN when the provider has accepted (%s), and is found by reference",
    async (fault) => {
      simulated.control({ script: { fault } });
      const { ref, outcome } = await submitOne();
      expect(outcome.kind).toBe("UNKNOWN");
      const { count, texts } = simulated.received({ uid: ref });
      expect(count).toBe(1);
      expect(await provider.lookup([ref], signal)).toEqual([
        { kind: "FOUND", providerId: texts[0]?.mid },
      ]);
    },
  );

  test.each(["http500", "hang", "reset"] as const)(
    "sms M15 is UNKNOWN when the provider has not accepted (%s), and is not found",
    async (fault) => {
      simulated.control({ script: { fault } });
      const { ref, outcome } = await submitOne();
      expect(outcome.kind).toBe("UNKNOWN");
      expect(simulated.received({ uid: ref }).count).toBe(0);
      expect(await provider.lookup([ref], signal)).toEqual([{ kind: "NOT_FOUND" }]);
    },
  );

  test("is UNKNOWN when the caller gives up", async () => {
    simulated.control({ script: { fault: "lostHang" } });
    const caller = new AbortController();
    const one = text();
    const outcomes = provider.submit([one], caller.signal);
    await vi.waitFor(() => expect(simulated.received({ uid: one.ref }).count).toBe(1));
    caller.abort();
    expect(await outcomes).toEqual([{ kind: "UNKNOWN", code: "ABORT_ERR" }]);
  });

  test("is NOT_SENT when nobody listens", async () => {
    await using away = await testMagfa();
    away.control({ down: { mode: "refuse", ms: 60_000 } });
    const outcomes = await away.provider.submit([text(), text()], signal);
    expect(outcomes).toEqual([
      { kind: "NOT_SENT", code: "ECONNREFUSED" },
      { kind: "NOT_SENT", code: "ECONNREFUSED" },
    ]);
    expect(await away.provider.lookup([1n], signal)).toEqual([{ kind: "NO_ANSWER" }]);
    expect(await away.provider.poll(["1"], signal)).toEqual([]);
  });

  test("is NOT_SENT when the name does not exist", async () => {
    const nowhere = magfa({ ...account, baseUrl: "http://nowhere.invalid/v2" });
    expect(await nowhere.submit([text()], signal)).toMatchObject([{ kind: "NOT_SENT" }]);
  });

  test("is NOT_SENT when there is no TLS", async () => {
    const insecure = magfa({ ...account, baseUrl: simulated.baseUrl.replace("http", "https") });
    expect(await insecure.submit([text()], signal)).toMatchObject([{ kind: "NOT_SENT" }]);
  });

  test("is NOT_SENT when the caller had given up before", async () => {
    const outcomes = await provider.submit([text()], AbortSignal.abort());
    expect(outcomes).toEqual([{ kind: "NOT_SENT", code: "ABORT_ERR" }]);
  });

  test("is UNKNOWN on a connection that a call had opened which was given up", async () => {
    await using other = await testMagfa();
    other.control({ script: { fault: "lost" } });
    const caller = new AbortController();
    const givenUp = other.provider.submit([text()], caller.signal);
    caller.abort();
    expect(await givenUp).toEqual([{ kind: "NOT_SENT", code: "ABORT_ERR" }]);
    expect(await other.provider.submit([text()], signal)).toMatchObject([{ kind: "UNKNOWN" }]);
    expect(other.received().accepted).toBe(1);
  });

  test("is UNKNOWN when a kept connection turns out to be dead", async () => {
    await using other = await testMagfa();
    await other.provider.submit([text()], signal);
    other.control({ script: { fault: "reset" } });
    expect(await other.provider.submit([text()], signal)).toMatchObject([{ kind: "UNKNOWN" }]);
  });
});

describe("PROV-2 an answer that is not as it should be", () => {
  test.each([
    ["no JSON", 200, "<html>"],
    ["no object", 200, "[]"],
    ["no status", 200, `{"messages":[]}`],
    ["no messages", 200, `{"status":0}`],
    ["an entry too few", 200, `{"status":0,"messages":[]}`],
    ["another's entry", 200, `{"status":0,"messages":[{"status":0,"id":1,"userId":2}]}`],
    ["no id", 200, `{"status":0,"messages":[{"status":0,"userId":1}]}`],
    ["an id with a fraction", 200, `{"status":0,"messages":[{"status":0,"id":1.5,"userId":1}]}`],
    ["a redirect", 302, ""],
    ["a stranger's 404", 404, "<html>"],
    ["a 500 with a code", 500, `{"status":15}`],
  ])("is UNKNOWN: %s", async (_name, status, body) => {
    await using server = await answering(status, body);
    const one = { ...text(), ref: 1n };
    expect(await server.provider.submit([one], signal)).toMatchObject([{ kind: "UNKNOWN" }]);
    expect(await server.provider.lookup([1n], signal)).toEqual([{ kind: "NO_ANSWER" }]);
    expect(await server.provider.poll(["1"], signal)).toEqual([]);
    expect(await server.provider.balance(signal)).toBeUndefined();
  });

  test("parks the provider when a gate before it knows nothing of us", async () => {
    await using server = await answering(403, "<html>");
    const outcomes = await server.provider.submit([text()], signal);
    expect(outcomes).toEqual([{ kind: "PARK", code: "HTTP_403" }]);
  });

  test("is read by reference when it comes in another order", async () => {
    const entries = `{"status":0,"id":8,"userId":"2"},{"status":27,"userId":1}`;
    await using server = await answering(200, `{"status":0,"messages":[${entries}]}`);
    const texts = [
      { ...text(), ref: 1n },
      { ...text(), ref: 2n },
    ];
    const outcomes = await server.provider.submit(texts, signal);
    expect(outcomes).toMatchObject([{ kind: "PERMANENT_MESSAGE" }, { providerId: "8" }]);
  });

  test("is read by place when no reference comes back", async () => {
    const entries = `{"status":0,"id":7},{"status":27}`;
    await using server = await answering(200, `{"status":0,"messages":[${entries}]}`);
    const outcomes = await server.provider.submit([text(), text()], signal);
    expect(outcomes).toMatchObject([{ providerId: "7" }, { kind: "PERMANENT_MESSAGE" }]);
  });
});

describe("lookup() and poll()", () => {
  test("FO-3 100 references get one answer each, in order", async () => {
    const texts = Array.from({ length: 50 }, () => text());
    const outcomes = await provider.submit(texts, signal);
    const refs = texts.flatMap(({ ref }) => [ref, ref + 1_000_000n]);
    const found = await provider.lookup(refs, signal);
    expect(found).toEqual(
      outcomes.flatMap((outcome) => [
        { kind: "FOUND", providerId: "providerId" in outcome && outcome.providerId },
        { kind: "NOT_FOUND" },
      ]),
    );
  });

  test.each(["null", "0", "-2", "1.5", `"x"`])(
    "FO-4 only -1 says that a text is not there; %s says nothing",
    async (mid) => {
      await using server = await answering(200, `{"status":0,"mid":${mid}}`);
      expect(await server.provider.lookup([1n], signal)).toEqual([{ kind: "NO_ANSWER" }]);
    },
  );

  test.each([
    [1, ["DELIVERED"]],
    [2, ["UNDELIVERED"]],
    [8, ["SENT"]],
    [16, ["FAILED"]],
    [0, []],
    [-1, []],
  ])("sms M6 the status %i means %j", async (receiptStatus, states) => {
    simulated.control({ script: { receiptStatus, receiptDelayMs: 0 } });
    const { outcome } = await submitOne();
    const providerId = "providerId" in outcome ? outcome.providerId : "";
    await vi.waitFor(async () => {
      const receipts = await provider.poll([providerId, "1"], signal);
      expect(receipts).toEqual(states.map((state) => ({ providerId, state })));
    });
  });

  test("the balance is in minor units", async () => {
    simulated.control({ balance: 1234 });
    expect(await provider.balance(signal)).toBe(123_400n);
  });
});

describe("parseCallback()", () => {
  const json = { "content-type": "application/json" };
  const basic = { authorization: `Basic ${Buffer.from("any:hook").toString("base64")}` };
  const ours = magfa({ ...account, baseUrl: "http://127.0.0.1:1" });
  const parse = (callback: Partial<Callback>) =>
    ours.parseCallback({ headers: {}, query: new URLSearchParams(), body: "", ...callback });
  const faultOf = (callback: Partial<Callback>) => {
    try {
      return parse(callback);
    } catch (error) {
      return error instanceof CallbackError ? error.fault : error;
    }
  };

  test("reads receipts of JSON, and leaves out what says nothing", () => {
    const statuses = [1, 2, 8, 16, 0, -1, 24];
    const receipts = statuses.map((status) => ({ mid: `9223372036854775${status + 100}`, status }));
    expect(parse({ headers: { ...json, ...basic }, body: JSON.stringify({ receipts }) })).toEqual([
      { providerId: "9223372036854775101", state: "DELIVERED" },
      { providerId: "9223372036854775102", state: "UNDELIVERED" },
      { providerId: "9223372036854775108", state: "SENT" },
      { providerId: "9223372036854775116", state: "FAILED" },
    ]);
  });

  test("sms M10 an id is the same with leading zeros, as a number and as a text", () => {
    const body = `{"receipts":[{"mid":"00123","status":"1"},{"mid":9223372036854775807,"status":1}]}`;
    expect(parse({ headers: { ...json, ...basic }, body })).toEqual([
      { providerId: "123", state: "DELIVERED" },
      { providerId: "9223372036854775807", state: "DELIVERED" },
    ]);
  });

  test("reads one receipt of a form or of the query", () => {
    const headers = { ...basic, "content-type": "application/x-www-form-urlencoded" };
    const receipt = [{ providerId: "7", state: "FAILED" }];
    expect(parse({ headers, body: "mid=7&status=16" })).toEqual(receipt);
    expect(parse({ query: new URLSearchParams("secret=hook&mid=7&status=16") })).toEqual(receipt);
  });

  test.each([
    ["nothing", {}],
    ["another password", { headers: { authorization: "Basic YW55Om90aGVy" } }],
    ["another scheme", { headers: { authorization: "Bearer hook" } }],
    ["another secret", { query: new URLSearchParams("secret=hoo&mid=7&status=1") }],
  ])("S6 a caller who shows %s is a stranger", (_name, callback) => {
    expect(faultOf(callback)).toBe("STRANGER");
  });

  test.each(["", "{", "[]", `{"receipts":{}}`, `{"receipts":[{"mid":"x","status":1}]}`])(
    "a body of %j is malformed",
    (body) => {
      expect(faultOf({ headers: { ...json, ...basic }, body })).toBe("MALFORMED");
    },
  );

  test("PROV-2 more than 1,000 receipts are malformed", () => {
    const receipts = Array.from({ length: 1001 }, () => ({ mid: "1", status: 1 }));
    const body = JSON.stringify({ receipts });
    expect(faultOf({ headers: { ...json, ...basic }, body })).toBe("MALFORMED");
  });
});

/** A server that answers everything alike, and an adapter for it. */
async function answering(status: number, body: string) {
  const server: Server = createServer((_request, response) => response.writeHead(status).end(body));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    provider: magfa({ ...account, baseUrl: `http://127.0.0.1:${port}` }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
