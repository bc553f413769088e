import { getOption, hasOption } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Audience, rule } from "#gen/mizan/access/v1/access_pb.ts";
import { toMinor } from "#mesh/money.ts";
import { type AllBanks, allBanks } from "../../scripts/platform/all-banks.ts";
import { type TemporaryStack, temporaryStack } from "../../scripts/platform/temporary-stack.ts";
import { everyMethod } from "./every-method.ts";
import { type Answer, decided, type Http, httpOf, reasonOf, type Sent } from "./http.ts";
import { makeOrders } from "./orders.ts";
import { irr, type Merchant, more, password, type People, peopleOf } from "./people.ts";
import { race } from "./race.ts";
import { ask, CREATE, ended, type Shown, shownIn, withdraw, withdrawalsOf } from "./withdraw.ts";

// Merchants and their withdrawals over the whole platform, in real processes, as clients see it:
// JSON over HTTP through the router, by the contract and by the literal paths of older clients.

const contract = await everyMethod();
const orders = makeOrders();
let temporary: TemporaryStack;
let people: People;
let http: Http;
let bank: AllBanks;
let merchant: Merchant;
let other: Merchant;
let poor: readonly Merchant[];

beforeAll(async () => {
  const env = { MIZAN_FAILPOINTS: orders.folder };
  temporary = await temporaryStack({ say: () => undefined, env });
  const dev = temporary.current().describe();
  [people, http, bank] = [peopleOf(dev), httpOf(dev.origin), allBanks(dev)];
  const joining = ["100.00", "100.00", "1000.00", "1000.00", "1000.00", "1.00"];
  [merchant, other, ...poor] = (await Promise.all(joining.map(people.merchant))) as [
    Merchant,
    Merchant,
    ...Merchant[],
  ];
}, 300_000); // a first start may build the broker
afterAll(async () => {
  await temporary[Symbol.asyncDispose]();
  orders[Symbol.dispose]();
});

test("L13 of 50 at once for a pool of 10.00, over three merchants, exactly ten are paid", async () => {
  await people.fillPool("10.00");
  const rich = poor.slice(0, 3);
  const asked = Array.from({ length: 50 }, async (_, n) => withdraw(people, rich[n % 3]!));
  const outcomes = countsOf((await Promise.all(asked)).map(outcomeOf));
  expect(outcomes).toEqual({ STATE_SUCCEEDED: 10, POOL_EXHAUSTED: 40 });
  expect(await people.pool()).toEqual({ available: "0.00", held: "0.00" });
  expect(await usedBy(rich)).toBe(10_00n);
  const credits = await Promise.all(rich.map(people.credit));
  expect(credits.map(({ held }) => held)).toEqual(["0.00", "0.00", "0.00"]);
}, 60_000);

test("L13 of 50 at once for the last unit of credit exactly one is paid, round after round", async () => {
  await people.fillPool("10000.00");
  const { rounds, violations } = await race(people, [poor[3]!], { rounds: 20, callers: 50 });
  expect([rounds, violations]).toEqual([20, []]);
  const used = { available: "0.00", held: "0.00", utilized: "20.00" };
  expect(await people.credit(poor[3]!)).toEqual(used);
}, 120_000);

test("L13 two hundred at once by many are paid, and every total is exact", async () => {
  const before = (await people.pool()).available;
  const payers = [merchant, other, ...poor.slice(0, 3)];
  const usedBefore = await usedBy(payers);
  const asked = Array.from({ length: 200 }, async (_, n) => withdraw(people, payers[n % 5]!));
  const answers = await Promise.all(asked);
  const followed = answers.map(async (answer, n) =>
    ended(people, payers[n % 5]!, shownIn(answer).id),
  );
  const paid = await Promise.all(followed);
  expect(countsOf(paid.map(({ state }) => state))).toEqual({ STATE_SUCCEEDED: 200 });
  expect(await people.pool()).toEqual({ available: more(before, -200), held: "0.00" });
  expect((await usedBy(payers)) - usedBefore).toBe(200_00n);
  const times = await Promise.all(paid.map(async ({ id }) => (await bank.paymentsOf(id)).length));
  expect(new Set(times)).toEqual(new Set([1]));
}, 60_000);

describe("the story of a merchant by the contract", () => {
  const username = "golestan-books";
  const bankAccount = "IR820540102680020817909002";
  const key = "first-withdrawal";
  let id: string;
  let token: string;
  let first: Answer;

  test("it registers by itself, can log in, and cannot withdraw yet", async () => {
    const asked = { username, password, requestedCredit: irr("10.00"), bankAccount };
    const { json } = await http(
      "/mizan.core.v1.MerchantService/RegisterMerchant",
      withKey({ body: asked }),
    );
    expect(json["merchant"]).toMatchObject({ username, state: "STATE_PENDING", bankAccount });
    id = json["merchant"].id;
    token = await logIn(username);
    const early = await http(CREATE, withKey({ body: { amount: irr("1.00") }, as: token }));
    expect([early.json["code"], reasonOf(early)]).toEqual([
      "failed_precondition",
      "MERCHANT_NOT_ACTIVE",
    ]);
  });

  test("an administrator gives it credit, and nobody else can", async () => {
    const path = "/mizan.core.v1.MerchantService/ApproveMerchant";
    const body = { merchantId: id, creditLimit: irr("10.00") };
    const own = await http(path, withKey({ body, as: token }));
    expect([own.status, reasonOf(own)]).toEqual([403, "NOT_ALLOWED"]);
    const { json } = await http(path, withKey({ body, as: await people.admin() }));
    expect(json["merchant"]).toMatchObject({ state: "STATE_ACTIVE", creditLimit: irr("10.00") });
  });

  test("it withdraws, the bank pays once, and credit and pool are lower by it", async () => {
    const before = (await people.pool()).available;
    first = await http(CREATE, { body: { amount: irr("1.00") }, as: token, key });
    const shown = shownIn(first);
    expect(shown).toMatchObject({
      merchantId: id,
      state: "STATE_SUCCEEDED",
      amount: irr("1.00"),
      bankAccount,
      bankReference: expect.stringMatching(/./) as string,
      transferId: expect.stringMatching(/^[\da-f]{32}$/) as string,
    });
    expect((await people.pool()).available).toBe(more(before, -1));
    expect(await bank.paymentsOf(shown.id)).toMatchObject([{ amount: "1.00" }]);
  });

  test("the same key again is the same answer to the byte; with another amount it is refused", async () => {
    const again = await http(CREATE, { body: { amount: irr("1.00") }, as: token, key });
    expect([again.json, again.isReplay, first.isReplay]).toEqual([first.json, true, false]);
    const changed = await http(CREATE, { body: { amount: irr("2.00") }, as: token, key });
    expect([changed.status, reasonOf(changed)]).toEqual([409, "IDEMPOTENCY_KEY_REUSED"]);
  });

  test("without a key nothing is withdrawn", async () => {
    const answer = await http(CREATE, { body: { amount: irr("1.00") }, as: token });
    expect([answer.status, reasonOf(answer)]).toEqual([400, "IDEMPOTENCY_KEY_REQUIRED"]);
  });

  test("its profile, its list and its notifications show one withdrawal", async () => {
    const profile = await http("/mizan.core.v1.MerchantService/GetCurrentMerchant", {
      body: {},
      as: token,
    });
    expect(profile.json).toMatchObject({
      merchant: { id, state: "STATE_ACTIVE" },
      credit: {
        creditLimit: irr("10.00"),
        utilizedAmount: irr("1.00"),
        held: irr("0.00"),
        available: irr("9.00"),
      },
    });
    const list = await http("/mizan.core.v1.WithdrawalService/ListWithdrawals", {
      body: {},
      as: token,
    });
    expect(list.json["withdrawals"]).toMatchObject([{ id: shownIn(first).id }]);
    const told = async () => {
      const path = "/mizan.core.v1.NotificationService/ListNotifications";
      const { json } = await http(path, { body: {}, as: token });
      return (json["notifications"] as { type: string }[]).map(({ type }) => type);
    };
    await expect.poll(told).toContain("TYPE_WITHDRAWAL_SUCCEEDED");
    expect(await told()).toContain("TYPE_MERCHANT_APPROVED");
  });

  test("settlement is closed to it, and to everybody who is not core", async () => {
    const body = {
      payoutId: crypto.randomUUID(),
      merchantId: id,
      accountId: "0".repeat(32),
      amount: irr("1.00"),
    };
    const method = "/mizan.settlement.v1.PayoutService/CreatePayout";
    const refused = await http(method, withKey({ body, as: token }));
    expect([refused.status, reasonOf(refused)]).toEqual([403, "NOT_ALLOWED"]);
    const own = `http://${temporary.current().describe().http["settlement"]}`;
    const old = async (headers: Record<string, string>) => {
      const sent = { method: "POST", headers: { "content-type": "application/json", ...headers } };
      const text = JSON.stringify({ account_id: "0".repeat(32), amount: "1.00" });
      return (await fetch(`${own}/api/settlement/withdraw`, { ...sent, body: text })).status;
    };
    expect([await old({}), await old({ "x-internal-token": "guessed" })]).toEqual([401, 403]);
  });

  test("every call stands in the request log, refused ones too", async () => {
    const logged = async () => {
      const body = { pageSize: 1000 };
      const sent = { body, as: await people.admin() };
      const { json } = await http("/mizan.core.v1.RequestLogService/ListRequestLogs", sent);
      const calls = json["requestLogs"] as Record<string, string>[];
      return calls.map(({ service, method, code, reason = "" }) => {
        return [service, method?.split("/")[1] ?? "", code, reason].join(" ");
      });
    };
    await expect.poll(logged).toContain("settlement CreatePayout PermissionDenied NOT_ALLOWED");
    const calls = await logged();
    expect(calls).toContain("core CreateWithdrawal Ok ");
    expect(calls).toContain("core CreateWithdrawal FailedPrecondition MERCHANT_NOT_ACTIVE");
    expect(calls).toContain("core CreateWithdrawal AlreadyExists IDEMPOTENCY_KEY_REUSED");
  });

  test("what it pays back frees its credit and fills the pool", async () => {
    const before = (await people.pool()).available;
    const body = { merchantId: id, amount: irr("1.00"), reference: "paid back" };
    const path = "/mizan.core.v1.MerchantService/RecordRepayment";
    const { json } = await http(path, withKey({ body, as: await people.admin() }));
    expect(json["credit"]).toMatchObject({ utilizedAmount: irr("0.00"), available: irr("10.00") });
    expect((await people.pool()).available).toBe(more(before, 1));
  });
});

describe("the same story by the literal paths of older clients", () => {
  const username = "older-client";
  let id: string;
  let token: string;

  test("it registers and waits for approval", async () => {
    const body = { username, password, requested_credit: "10.00" };
    const joined = await http("/api/v1/auth/register", { body });
    id = joined.json["merchant_id"];
    expect([joined.status, joined.json]).toEqual([
      201,
      { merchant_id: expect.any(String) as string, status: "PENDING_APPROVAL" },
    ]);
    expect((await http("/api/v1/auth/register", { body })).status).toBe(409);
  });

  test("it gets tokens, by name and by refreshing", async () => {
    const { json } = await http("/api/v1/auth/token", { body: { username, password } });
    const refreshed = await http("/api/v1/auth/token/refresh", {
      body: { refresh: json["refresh"] },
    });
    token = refreshed.json["access"];
    expect(token).toEqual(expect.any(String));
    const wrong = { username, password: "not the password" };
    expect((await http("/api/v1/auth/token", { body: wrong })).status).toBe(401);
  });

  test("it cannot withdraw before it is approved, and nobody without a token", async () => {
    const sent = withKey({ body: { amount: "1.00" } });
    const early = await http("/api/v1/withdrawals", { ...sent, as: token });
    expect([early.status, early.json["code"]]).toEqual([403, "MERCHANT_NOT_APPROVED"]);
    expect((await http("/api/v1/withdrawals", sent)).status).toBe(401);
  });

  test("an administrator fills the pool and approves it", async () => {
    const before = (await people.pool()).available;
    const as = await people.admin();
    const filled = await http(
      "/api/v1/admin/pool/topup",
      withKey({ body: { amount: "5.00" }, as }),
    );
    expect([filled.status, filled.json]).toEqual([200, { pool_available: more(before, 5) }]);
    const body = { merchant_id: id, credit_limit: "3.00" };
    const approved = await http("/api/v1/admin/approve", withKey({ body, as }));
    expect([approved.status, approved.json]).toEqual([
      200,
      { merchant_id: id, approved: true, credit_limit: "3.00" },
    ]);
    expect((await http("/api/v1/admin/approve", withKey({ body, as: token }))).status).toBe(403);
  });

  test("it withdraws twice with one key and is paid once", async () => {
    const sent = withKey({ body: { amount: "1.00" }, as: token });
    const answers = [
      await http("/api/v1/withdrawals", sent),
      await http("/api/v1/withdrawals", sent),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]!.json).toEqual({
      withdrawal_id: expect.any(String) as string,
      status: "SUCCESS",
      amount: "1.00",
      bank_reference: expect.stringMatching(/./) as string,
      tx_id: expect.stringMatching(/./) as string,
    });
    expect(answers[1]!.json).toEqual(answers[0]!.json);
    expect(await bank.paymentsOf(answers[0]!.json["withdrawal_id"])).toHaveLength(1);
    const changed = await http("/api/v1/withdrawals", { ...sent, body: { amount: "2.00" } });
    expect([changed.status, changed.json["code"]]).toEqual([409, "IDEMPOTENCY_KEY_CONFLICT"]);
  });

  test("its profile shows what it used", async () => {
    const { status, json } = await http("/api/v1/me", { as: token });
    expect([status, json]).toMatchObject([
      200,
      {
        merchant_id: id,
        username,
        is_approved: true,
        credit_limit: "3.00",
        utilized_amount: "1.00",
        available_credit: "2.00",
      },
    ]);
    expect((await http("/api/v1/me")).status).toBe(401);
  });

  test("more than its credit, and a payment that the bank refuses, come back with their codes", async () => {
    const tooMuch = await http(
      "/api/v1/withdrawals",
      withKey({ body: { amount: "2.01" }, as: token }),
    );
    expect([tooMuch.status, tooMuch.json["code"]]).toEqual([409, "INSUFFICIENT_MERCHANT_CREDIT"]);
    await bank.change({ script: { outcome: "reject", code: "ACCOUNT_CLOSED" } });
    try {
      const refused = await http(
        "/api/v1/withdrawals",
        withKey({ body: { amount: "2.00" }, as: token }),
      );
      expect([refused.status, refused.json["code"]]).toEqual([502, "SETTLEMENT_REJECTED"]);
    } finally {
      await bank.reset();
    }
    const { json } = await http("/api/v1/me", { as: token });
    expect(json).toMatchObject({ utilized_amount: "1.00", available_credit: "2.00" });
  });
});

describe("amounts that are none", () => {
  const wrong = ["0", "-1", "1.005", "abc", "1e3", "9".repeat(40), "", " 1", "+1", "0.00", "NaN"];

  test.each(wrong)("%j moves nothing, and its key stays free", async (amount) => {
    const before = await people.credit(merchant);
    const [key, literal] = [crypto.randomUUID(), crypto.randomUUID()];
    const as = await merchant.token();
    const refused = [
      await http(CREATE, { body: { amount: irr(amount) }, as, key }),
      await http("/api/v1/withdrawals", { body: { amount }, as, key: literal }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 400]);
    expect(await people.credit(merchant)).toEqual(before);
  });

  test.each([[0], [-1], [1.005], [1e40], [true], [null], [[]], [{}]])(
    "%j as JSON is refused",
    async (amount) => {
      const sent = withKey({ body: { amount }, as: await merchant.token() });
      expect((await http("/api/v1/withdrawals", sent)).status).toBe(400);
    },
  );

  test("L14 after a refused amount the same key withdraws", async () => {
    const key = crypto.randomUUID();
    expect((await ask(people, merchant, { amount: "1.001", key })).status).toBe(400);
    expect(shownIn(await ask(people, merchant, { key })).state).toBe("STATE_SUCCEEDED");
  });

  test("of all these only the last was stored", async () => {
    const states = (await withdrawalsOf(people, merchant)).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["STATE_SUCCEEDED"]));
  });
});

describe("keys", () => {
  test("L14 fifty calls with one key at once are one payment and fifty equal answers", async () => {
    const before = (await withdrawalsOf(people, merchant)).length;
    const key = crypto.randomUUID();
    const asked = Array.from({ length: 50 }, async () => withdraw(people, merchant, { key }));
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ json }) => JSON.stringify(json))).size).toBe(1);
    expect(answers.filter(({ isReplay }) => !isReplay).length).toBeLessThanOrEqual(1);
    expect(await withdrawalsOf(people, merchant)).toHaveLength(before + 1);
    expect(await bank.paymentsOf(shownIn(answers[0]!).id)).toHaveLength(1);
  });

  test("L14 the same fifty over the literal path are one payment, too", async () => {
    const sent = withKey({ body: { amount: "1.00" }, as: await merchant.token() });
    const asked = Array.from({ length: 50 }, async () => inTheEnd("/api/v1/withdrawals", sent));
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ json }) => JSON.stringify(json))).size).toBe(1);
    expect(await bank.paymentsOf(answers[0]!.json["withdrawal_id"])).toHaveLength(1);
  });

  test("L14 another merchant's same key is a withdrawal of its own", async () => {
    const key = crypto.randomUUID();
    const [mine, others] = [
      shownIn(await withdraw(people, merchant, { key })),
      shownIn(await withdraw(people, other, { key, amount: "2.00" })),
    ];
    expect([mine.state, others.state]).toEqual(["STATE_SUCCEEDED", "STATE_SUCCEEDED"]);
    expect(others.id).not.toBe(mine.id);
  });

  test("L14 a key whose call was refused for want of credit is answered the same again", async () => {
    const asked = { key: crypto.randomUUID(), amount: "100000.00" };
    const [refused, again] = [
      await ask(people, merchant, asked),
      await ask(people, merchant, asked),
    ];
    expect([refused.status, reasonOf(refused)]).toEqual([400, "INSUFFICIENT_CREDIT"]);
    expect([again.status, reasonOf(again)]).toEqual([400, "INSUFFICIENT_CREDIT"]);
  });

  test("L14 after a fault at any step the same key resumes the execution, with one payment", async () => {
    const before = await people.credit(other);
    const steps = ["stored", "held", "paid", "booked", "finished"].map((it) => `withdrawal.${it}`);
    const resumed: Promise<Shown>[] = [];
    for (const step of steps) {
      const key = crypto.randomUUID();
      orders.give(step, "fail");
      resumed.push(resume(key, ask(people, other, { key })));
      await orders.taken(step);
    }
    const ends = await Promise.all(resumed);
    expect(ends.map(({ state }) => state)).toEqual(steps.map(() => "STATE_SUCCEEDED"));
    const times = await Promise.all(ends.map(async ({ id }) => (await bank.paymentsOf(id)).length));
    expect(times).toEqual(steps.map(() => 1));
    const used = more(before.utilized, steps.length);
    expect(await people.credit(other)).toMatchObject({ utilized: used, held: "0.00" });
  }, 60_000);

  /** Asks again with the key of a call that met a fault, and follows the withdrawal to its end. */
  async function resume(key: string, first: Promise<unknown>): Promise<Shown> {
    await first;
    const answer = await withdraw(people, other, { key });
    const shown = await ended(people, other, shownIn(answer).id);
    expect((await withdraw(people, other, { key })).json).toEqual(answer.json);
    return shown;
  }
});

describe("what is somebody else's does not exist", () => {
  const methods = contract.filter((method) => {
    const { audience = [] } = hasOption(method, rule) ? getOption(method, rule) : {};
    return audience.includes(Audience.MERCHANT) && idsOf(method.input).length > 0;
  });

  test("there are methods to look at", () => {
    const names = methods.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["GetWithdrawal", "WatchWithdrawal"]));
  });

  test.each(methods)("$name", async (method) => {
    const [{ id } = { id: "" }] = await withdrawalsOf(people, other);
    const foreign = method.name === "GetCredit" ? other.id : id;
    const fields = idsOf(method.input).map((name) => [name, foreign]);
    const path = `/${method.parent.typeName}/${method.name}`;
    const sent = { body: Object.fromEntries(fields) as object, as: await merchant.token() };
    const answer =
      method.methodKind === "unary" ? await http(path, sent) : await streamed(path, sent);
    const unknown = {
      ...sent,
      body: Object.fromEntries(fields.map(([name]) => [name, crypto.randomUUID()])) as object,
    };
    const stranger =
      method.methodKind === "unary" ? await http(path, unknown) : await streamed(path, unknown);
    expect([answer.json["code"], stranger.json["code"]]).toEqual(["not_found", "not_found"]);
    expect(reasonOf(answer)).toBe(reasonOf(stranger));
  });

  test("its list is empty of it", async () => {
    const foreign = new Set((await withdrawalsOf(people, other)).map(({ id }) => id));
    const own = await withdrawalsOf(people, merchant);
    expect(own.filter(({ id }) => foreign.has(id))).toEqual([]);
  });
});

test("when all is said, every asset is balanced and an audit of all books passes", async () => {
  const as = await people.admin();
  for (const asset of ["IRR", "IRR.credit"]) {
    const { json } = await http("/mizan.billing.v1.AuditService/GetProof", { body: { asset }, as });
    expect([asset, json["proof"]?.isBalanced]).toEqual([asset, true]);
  }
  const path = "/mizan.billing.v1.AuditService/StartAudit";
  const started = await http(path, withKey({ body: {}, as }));
  const auditId = started.json["audit"]?.id as string;
  const state = async () => {
    const sent = { body: { auditId }, as };
    return (await http("/mizan.billing.v1.AuditService/GetAudit", sent)).json["audit"]?.state;
  };
  await expect.poll(state).toBe("STATE_PASSED");
});

/** The names of the ids in a request, as JSON has them. */
function idsOf(input: { readonly fields: readonly { readonly jsonName: string }[] }): string[] {
  const names = input.fields.map(({ jsonName }) => jsonName);
  return names.filter((name) => name.endsWith("Id") && name !== "requestId");
}

/** The last envelope of a stream of the contract, which tells how it ended. */
async function streamed(path: string, { body, as }: Sent): Promise<Answer> {
  const text = Buffer.from(JSON.stringify(body));
  const envelope = Buffer.concat([Buffer.alloc(5), text]);
  envelope.writeUInt32BE(text.length, 1);
  const answer = await fetch(`${temporary.current().describe().origin}${path}`, {
    method: "POST",
    body: envelope,
    headers: { "content-type": "application/connect+json", authorization: `Bearer ${as}` },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  let last = bytes;
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt32BE(at + 1)) {
    last = bytes.subarray(at + 5, at + 5 + bytes.readUInt32BE(at + 1));
  }
  const { error } = JSON.parse(last.toString()) as { error?: object };
  return { status: answer.status, json: { ...error }, isReplay: false };
}

/** What merchants have used together, in minor units. */
async function usedBy(merchants: readonly Merchant[]): Promise<bigint> {
  const credits = await Promise.all(merchants.map(people.credit));
  return credits.reduce((sum, { utilized }) => sum + toMinor(utilized, 2), 0n);
}

/** What a call came to: the state of the withdrawal, or why it was refused. */
function outcomeOf(answer: Answer): string {
  return reasonOf(answer) ?? shownIn(answer).state;
}

function countsOf(words: readonly string[]): Record<string, number> {
  const groups = [...Map.groupBy(words, (word) => word)];
  return Object.fromEntries(groups.map(([word, { length }]) => [word, length]));
}

async function logIn(username: string): Promise<string> {
  const { json } = await http("/mizan.core.v1.UserService/Login", { body: { username, password } });
  return json["accessToken"] as string;
}

function withKey(sent: Sent): Sent {
  return { key: crypto.randomUUID(), ...sent };
}

async function inTheEnd(path: string, sent: Sent): Promise<Answer> {
  return decided(http, path, sent);
}
