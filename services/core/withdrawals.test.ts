import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Withdrawal_State } from "#gen/mizan/core/v1/withdrawal_pb.ts";
import { WithdrawalService } from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import { answerRefusal } from "#mesh/compat/refused.ts";
import { reasonOf, retryLater } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { fail } from "#mesh/reasons.ts";
import { implemented } from "#mesh/service.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { withdrawalRow } from "./compat/withdrawal-row.ts";
import { withdrawalService } from "./rpc/withdrawal-service.ts";
import { serveCore } from "./testing/serve-core.ts";
import { testCore } from "./testing/test-core.ts";
import { testWithdrawals, type TestWithdrawals } from "./testing/test-withdrawals.ts";

// The service and the literal path, over the real wires.

const { SUCCEEDED, SETTLING, FAILED } = Withdrawal_State;

let world: TestWithdrawals;
let identities: Awaited<ReturnType<typeof testCore>>;
let service: Awaited<ReturnType<typeof serveCore>>;

beforeAll(async () => {
  world = await testWithdrawals({ terms: { waitMs: 700 } });
  identities = await testCore();
  service = await serveCore(identities, {
    contract: [implemented(WithdrawalService, withdrawalService(world.saga, world.accept))],
    compat: [withdrawalRow],
  });
});
beforeEach(() => {
  world.settlement.script.outcome = () => "SUCCEEDED";
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await identities[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const amount = { asset: "IRR", amount: "1.00" };

describe.each(["HTTP", "gRPC"] as const)("over %s", (wire) => {
  const clientOf = () => service.clientsOf(WithdrawalService)[wire];

  test("a merchant withdraws, and sees, lists and follows it", async () => {
    const client = clientOf();
    const id = await world.merchant(1000n);
    const as = await service.as(id, "USER", "MERCHANT");
    const requestId = newId();
    const { withdrawal } = await client.createWithdrawal({ requestId, amount }, as);
    expect(withdrawal).toMatchObject({ state: SUCCEEDED, merchantId: id });
    const withdrawalId = withdrawal!.id;
    expect((await client.getWithdrawal({ withdrawalId }, as)).withdrawal).toEqual(withdrawal);
    const mine = await client.listWithdrawals({ state: SUCCEEDED }, as);
    expect(mine.withdrawals).toEqual([withdrawal]);
    const none = { state: FAILED, startTime: timestampFromMs(0) };
    expect((await client.listWithdrawals(none, as)).withdrawals).toEqual([]);
    const seen = await Array.fromAsync(client.watchWithdrawal({ withdrawalId }, as));
    expect(seen.map((one) => one.withdrawal)).toEqual([withdrawal]);
    const admin = await service.as(newId(), "USER", "ADMIN");
    const all = await client.listAllWithdrawals({ merchantId: id }, admin);
    expect(all.withdrawals).toEqual([withdrawal]);
    let replayed: string | null = null;
    const onHeader = (header: Headers) => void (replayed = header.get("idempotent-replayed"));
    const again = await client.createWithdrawal({ requestId, amount }, { ...as, onHeader });
    expect([again.withdrawal, replayed]).toEqual([withdrawal, "true"]);
  });

  test("nobody else sees it, and others may not withdraw", async () => {
    const client = clientOf();
    const as = await service.as(await world.merchant(1000n), "MERCHANT");
    const { withdrawal } = await client.createWithdrawal({ requestId: newId(), amount }, as);
    const asked = { withdrawalId: withdrawal!.id };
    const stranger = await service.as(newId(), "MERCHANT");
    const refused = async (answer: Promise<unknown>) => reasonOf(await failureOf(answer));
    expect(await refused(client.getWithdrawal(asked, stranger))).toBe("WITHDRAWAL_NOT_FOUND");
    const watched = Array.fromAsync(client.watchWithdrawal(asked, stranger));
    expect(await refused(watched)).toBe("WITHDRAWAL_NOT_FOUND");
    const user = await service.as(newId(), "USER");
    const request = { requestId: newId(), amount };
    expect(await refused(client.createWithdrawal(request, user))).toBe("NOT_ALLOWED");
    expect(await refused(client.listAllWithdrawals({}, as))).toBe("NOT_ALLOWED");
    expect(await refused(client.createWithdrawal({ amount }, as))).toMatch(/_REQUIRED$/);
  });

  test("a refusal is replayed with its reason", async () => {
    const client = clientOf();
    const as = await service.as(await world.merchant(0n), "MERCHANT");
    const request = { requestId: newId(), amount };
    for (const isReplay of [null, "true"]) {
      const failure = await failureOf(client.createWithdrawal(request, as));
      expect(reasonOf(failure)).toBe("INSUFFICIENT_CREDIT");
      expect(failure.metadata.get("idempotent-replayed")).toBe(isReplay);
    }
  });

  test("a follower sees the end of what was still under way", async () => {
    const client = clientOf();
    world.settlement.script.outcome = () => "UNKNOWN";
    const as = await service.as(await world.merchant(1000n), "MERCHANT");
    const { withdrawal } = await client.createWithdrawal({ requestId: newId(), amount }, as);
    expect(withdrawal!.state).toBe(SETTLING);
    const states: Withdrawal_State[] = [];
    for await (const next of client.watchWithdrawal({ withdrawalId: withdrawal!.id }, as)) {
      states.push(next.withdrawal!.state);
      if (states.length > 1) continue;
      world.settlement.move(withdrawal!.id, "SUCCEEDED");
      await world.letTimePass();
      await world.sweep();
    }
    expect([states[0], states.at(-1)]).toEqual([SETTLING, SUCCEEDED]);
  });
});

describe("the path of the replaced system", () => {
  type Answer = { readonly status: number; readonly headers: Headers; readonly body: any };

  async function post(
    id: string,
    body: object,
    key: string | undefined = newId(),
  ): Promise<Answer> {
    const { headers } = await service.as(id, "USER", "MERCHANT");
    const response = await fetch(`${service.origin}/api/v1/withdrawals`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: {
        ...(headers as Record<string, string>),
        "content-type": "application/json",
        ...(key !== "" && { "idempotency-key": key }),
      },
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  test("a withdrawal that is paid in time is answered with its end, also again", async () => {
    const id = await world.merchant(1000n);
    const key = newId();
    const first = await post(id, { amount: "1.00" }, key);
    expect(first).toMatchObject({
      status: 200,
      body: {
        withdrawal_id: expect.any(String),
        status: "SUCCESS",
        amount: "1.00",
        bank_reference: expect.stringMatching(/^B-/),
        tx_id: expect.stringMatching(/^[\da-f]{32}$/),
      },
    });
    expect(await post(id, { amount: "1.00" }, key)).toMatchObject({
      status: 200,
      body: first.body,
    });
  });

  test("one that is not paid in time is queued", async () => {
    world.settlement.script.outcome = () => "SENDING";
    const { status, body } = await post(await world.merchant(1000n), { amount: "1.00" });
    expect([status, body]).toEqual([
      202,
      { withdrawal_id: expect.any(String) as string, status: "QUEUED" },
    ]);
  });

  test("errors have the codes and statuses that clients know", async () => {
    const [rich, poor, asleep] = [
      await world.merchant(1000n),
      await world.merchant(0n),
      await world.merchant(1000n, "SUSPENDED"),
    ];
    await post(rich, { amount: "1.00" }, "k");
    const { pool } = world.ledger.books;
    const codeOf = async (answer: Promise<Answer>) => {
      const { status, body } = await answer;
      return [status, body.code ?? body];
    };
    expect(await codeOf(post(poor, { amount: "1.00" }))).toEqual([
      409,
      "INSUFFICIENT_MERCHANT_CREDIT",
    ]);
    world.ledger.books.pool = 0n;
    expect(await codeOf(post(rich, { amount: "1.00" }))).toEqual([409, "INSUFFICIENT_POOL"]);
    world.ledger.books.pool = pool;
    const conflict = post(rich, { amount: "2.00" }, "k");
    expect(await codeOf(conflict)).toEqual([409, "IDEMPOTENCY_KEY_CONFLICT"]);
    expect(await codeOf(post(asleep, { amount: "1.00" }))).toEqual([403, "MERCHANT_NOT_APPROVED"]);
    world.settlement.script.outcome = () => "FAILED";
    expect(await codeOf(post(rich, { amount: "1.00" }))).toEqual([502, "SETTLEMENT_REJECTED"]);
    for (const wrong of ["-1.00", "1.001", "0", "abc", null]) {
      const { status, body } = await post(rich, { amount: wrong });
      expect([status, Object.keys(body as object)]).toEqual([400, ["amount"]]);
    }
    const long = await post(rich, { amount: "9".repeat(40) });
    expect([long.status, long.body]).toEqual([
      400,
      { amount: ["This field has too many digits."] },
    ]);
    expect((await post(rich, { amount: "1.00" }, "")).status).toBe(400);
    expect((await post(newId(), { amount: "1.00" })).status).toBe(403);
  });

  test.each([
    ["RATE_LIMITED", "RATE_LIMITED"],
    ["OVERLOADED", "core is at its limit; try again in 2500 ms."],
  ] as const)("who is refused with %s is told when to come again", (code, detail) => {
    const error = retryLater(fail(code, { resource: "core", retry_ms: 2500 }), 2500);
    expect(answerRefusal(error, withdrawalRow.errors)).toEqual({
      status: 429,
      body: { detail, code, retry_in_seconds: 3 },
    });
  });
});
