import { toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { sql } from "kysely";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Withdrawal_State } from "#gen/mizan/core/v1/withdrawal_pb.ts";
import {
  type CreateWithdrawalResponse,
  CreateWithdrawalResponseSchema,
} from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { restKey } from "#mesh/rest.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { callOf, testWithdrawals, wasReplayed } from "../testing/test-withdrawals.ts";
import { createWithdrawal } from "./create-withdrawal.ts";
import { hearPayouts } from "./hear-payouts.ts";

const world = await testWithdrawals();
afterAll(async () => world[Symbol.asyncDispose]());
const { ledger, settlement, withdraw, merchant, db } = world;

beforeEach(() => {
  settlement.script.outcome = () => "SUCCEEDED";
});

const { REQUESTED, SETTLING, SUCCEEDED, FAILED, CANCELLED } = Withdrawal_State;
const bytesOf = (response: CreateWithdrawalResponse) =>
  toBinary(CreateWithdrawalResponseSchema, response);
const codes = async (answers: readonly Promise<unknown>[]) => {
  const ended = await Promise.allSettled(answers);
  return ended.map((one) => (one.status === "fulfilled" ? "OK" : reasonOf(one.reason)));
};

/** What a merchant was told, the first news first. */
async function toldTo(id: string): Promise<unknown[]> {
  const { rows } = await sql`select type, values from notification
    where person_id = ${id} order by created_at, type desc`.execute(db.sql);
  return rows;
}

async function countOf(merchantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from withdrawal
    where merchant_id = ${merchantId}`.execute(db.sql);
  return rows[0]!.count;
}

async function stateOf(merchantId: string): Promise<string | undefined> {
  const { rows } = await sql<{ state: string }>`select state from withdrawal
    where merchant_id = ${merchantId}`.execute(db.sql);
  return rows[0]?.state;
}

test("a withdrawal holds, pays, books and tells", async () => {
  const id = await merchant(1000n);
  const pool = ledger.books.pool;
  const { withdrawal } = await withdraw("1.00", callOf(id));
  expect(withdrawal).toMatchObject({
    merchantId: id,
    state: SUCCEEDED,
    amount: { asset: "IRR", amount: "1.00" },
    bankAccount: "IR12 3456",
    reason: "",
    bankReference: `B-${withdrawal!.id.slice(-6)}`,
    transferId: expect.stringMatching(/^[\da-f]{32}$/),
    version: 2,
    attempts: [{ number: 1, provider: "bank", state: "SUCCEEDED" }],
  });
  expect(withdrawal!.fee).toBeUndefined();
  expect(settlement.paid).toContain(withdrawal!.id);
  expect(ledger.holds.get(withdrawal!.id)).toMatchObject({ state: "CAPTURED", bank: "" });
  expect([ledger.credits.get(id), ledger.books.pool]).toEqual([900n, pool - 100n]);
  const values = { withdrawal_id: withdrawal!.id, asset: "IRR", amount: "1.00", reason: "" };
  expect(await toldTo(id)).toMatchObject([{ type: "WITHDRAWAL_SUCCEEDED", values }]);
});

test("withdrawals that come together share statements and calls", async () => {
  const id = await merchant(100_000n);
  ledger.trouble.calls.length = 0;
  settlement.trouble.calls.length = 0;
  const answers = Array.from({ length: 300 }, async () => withdraw("1.00", callOf(id)));
  const states = (await Promise.all(answers)).map(({ withdrawal }) => withdrawal!.state);
  expect(new Set(states)).toEqual(new Set([SUCCEEDED]));
  expect(ledger.credits.get(id)).toBe(70_000n);
  const calls = [...ledger.trouble.calls, ...settlement.trouble.calls];
  expect(calls.length).toBeLessThanOrEqual(6); // two cohorts at most
});

test("the fee is held with the amount, and a bank without statements is booked at once", async () => {
  const id = await merchant(1000n);
  const { withdraw: withFee } = world.another({ fee: 25n, withoutStatements: ["bank"] });
  const { withdrawal } = await withFee("1.00", callOf(id));
  expect(withdrawal!.fee).toMatchObject({ amount: "0.25" });
  expect(ledger.holds.get(withdrawal!.id)).toMatchObject({ amount: 100n, fee: 25n, bank: "bank" });
  expect(ledger.credits.get(id)).toBe(875n);
});

describe("amounts", () => {
  test.each([
    ["0", "IRR", "INVALID_AMOUNT"],
    ["0.00", "IRR", "INVALID_AMOUNT"],
    ["-1.00", "IRR", "INVALID_AMOUNT"],
    ["1.001", "IRR", "INVALID_AMOUNT"],
    ["1e3", "IRR", "INVALID_AMOUNT"],
    ["", "IRR", "INVALID_AMOUNT"],
    ["1000000000001", "IRR", "AMOUNT_TOO_LARGE"],
    ["1.00", "USDT", "ASSET_NOT_ACCEPTED"],
  ])("L14 %j of %s is refused with %s, and the key stays free", async (amount, asset, reason) => {
    const id = await merchant(1000n);
    const key = newId();
    const refused = createWithdrawal(world.accept, { asset, amount }, callOf(id, { key }));
    expect(reasonOf(await failureOf(refused))).toBe(reason);
    expect(await countOf(id)).toBe(0);
    const { withdrawal } = await withdraw("1.00", callOf(id, { key, body: "valid" }));
    expect(withdrawal!.state).toBe(SUCCEEDED);
  });
});

test.each(["PENDING", "REJECTED", "SUSPENDED"])(
  "a merchant who is %s is refused",
  async (state) => {
    const id = newId();
    await sql`insert into person (id, state, roles) values (${id}, 'ACTIVE', '{MERCHANT}')`.execute(
      db.sql,
    );
    await sql`insert into merchant (id, state, credit_limit_minor) values (${id}, ${state}, 1)`.execute(
      db.sql,
    );
    const failure = await failureOf(withdraw("1.00", callOf(id)));
    expect([reasonOf(failure), failure.code]).toEqual([
      "MERCHANT_NOT_ACTIVE",
      Code.FailedPrecondition,
    ]);
    expect(await countOf(id)).toBe(0);
  },
);

describe("keys", () => {
  test("L14 of 50 at once with one key one is carried out", async () => {
    const id = await merchant(1000n);
    const key = newId();
    const processes = [world, world.another()];
    const answers = Array.from({ length: 50 }, async (_, at) =>
      processes[at % 2]!.withdraw("1.00", callOf(id, { key })),
    );
    const ended = await codes(answers);
    expect(new Set(ended)).toEqual(new Set(["OK", "IDEMPOTENCY_IN_PROGRESS"]));
    const good = (await Promise.allSettled(answers)).flatMap((one) =>
      one.status === "fulfilled" ? [bytesOf(one.value).toBase64()] : [],
    );
    expect(new Set(good).size).toBe(1);
    expect([ledger.credits.get(id), await countOf(id)]).toEqual([900n, 1]);
  });

  test("L14 the same key again has the same bytes, and says that it is a replay", async () => {
    const id = await merchant(1000n);
    const [first, again] = [callOf(id, { key: "k" }), callOf(id, { key: "k" })];
    const one = await withdraw("1.00", first);
    const other = await withdraw("1.00", again);
    expect(bytesOf(other)).toEqual(bytesOf(one));
    expect([wasReplayed(first), wasReplayed(again)]).toEqual([false, true]);
    expect(ledger.credits.get(id)).toBe(900n);
  });

  test("L14 the same key for another request is refused and leaves no row", async () => {
    const id = await merchant(1000n);
    await withdraw("1.00", callOf(id, { key: "k" }));
    const other = await failureOf(withdraw("2.00", callOf(id, { key: "k", body: "2.00" })));
    expect(reasonOf(other)).toBe("IDEMPOTENCY_KEY_REUSED");
    expect([ledger.credits.get(id), await countOf(id)]).toEqual([900n, 1]);
  });

  test("L14 the keys of merchants never meet", async () => {
    const [one, other] = [await merchant(1000n), await merchant(1000n)];
    const answers = [one, other].map(async (id) => withdraw("1.00", callOf(id, { key: "k" })));
    const [first, second] = await Promise.all(answers);
    expect(first!.withdrawal!.id).not.toBe(second!.withdrawal!.id);
    expect([ledger.credits.get(one), ledger.credits.get(other)]).toEqual([900n, 900n]);
  });

  test("a suspended merchant gets the earlier answers, and no new withdrawals", async () => {
    const id = await merchant(1000n);
    const first = await withdraw("1.00", callOf(id, { key: "k" }));
    await sql`update merchant set state = 'SUSPENDED' where id = ${id}`.execute(db.sql);
    expect(bytesOf(await withdraw("1.00", callOf(id, { key: "k" })))).toEqual(bytesOf(first));
    expect(await codes([withdraw("1.00", callOf(id))])).toEqual(["MERCHANT_NOT_ACTIVE"]);
  });
});

describe("refusals of the ledger", () => {
  test("L13 of 50 for the last credit exactly one succeeds", async () => {
    const id = await merchant(100n);
    const ended = await codes(Array.from({ length: 50 }, async () => withdraw("1.00", callOf(id))));
    const counts = Map.groupBy(ended, (one) => one);
    expect([counts.get("OK")?.length, counts.get("INSUFFICIENT_CREDIT")?.length]).toEqual([1, 49]);
    expect(ledger.credits.get(id)).toBe(0n);
  });

  test("HOLD-3 an empty pool is said after the credit was found to do", async () => {
    const id = await merchant(500n);
    const poor = await merchant(0n);
    const { pool } = ledger.books;
    ledger.books.pool = 0n;
    const ended = await codes([withdraw("1.00", callOf(id)), withdraw("1.00", callOf(poor))]);
    ledger.books.pool = pool;
    expect(ended).toEqual(["POOL_EXHAUSTED", "INSUFFICIENT_CREDIT"]);
    expect(ledger.credits.get(id)).toBe(500n);
  });

  test("a refusal is that of its key for good, whatever the credit is later", async () => {
    const id = await merchant(50n);
    const calls = [callOf(id, { key: "k" }), callOf(id, { key: "k" })];
    const first = await failureOf(withdraw("1.00", calls[0]!));
    ledger.credits.set(id, 1000n);
    const again = await failureOf(withdraw("1.00", calls[1]!));
    expect([reasonOf(again), again.message]).toEqual([reasonOf(first), first.message]);
    expect(calls.map(wasReplayed)).toEqual([false, true]);
    expect(ledger.credits.get(id)).toBe(1000n);
    const values = { amount: "1.00", reason: "INSUFFICIENT_CREDIT" };
    expect(await toldTo(id)).toMatchObject([{ type: "WITHDRAWAL_FAILED", values }]);
  });

  test("who has no account on the ledger has no credit", async () => {
    const id = await merchant(0n);
    ledger.credits.delete(id);
    expect(await codes([withdraw("1.00", callOf(id))])).toEqual(["INSUFFICIENT_CREDIT"]);
  });

  test("who is refused hears it without waiting for what the bank says to others", async () => {
    const [rich, poor] = [await merchant(1000n), await merchant(0n)];
    const gate = Promise.withResolvers<void>();
    settlement.trouble.gate = async () => gate.promise;
    const paid = withdraw("1.00", callOf(rich));
    expect(await codes([withdraw("1.00", callOf(poor))])).toEqual(["INSUFFICIENT_CREDIT"]);
    gate.resolve();
    settlement.trouble.gate = () => undefined;
    expect((await paid).withdrawal!.state).toBe(SUCCEEDED);
  });
});

describe("ends", () => {
  test.each([
    ["FAILED", FAILED, "ACCOUNT_CLOSED"],
    ["CANCELLED", CANCELLED, ""],
  ] as const)("a payout that is %s frees credit and pool", async (outcome, state, reason) => {
    settlement.script.outcome = () => outcome;
    const id = await merchant(1000n);
    const { withdrawal } = await withdraw("1.00", callOf(id));
    expect(withdrawal).toMatchObject({ state, reason, transferId: "" });
    expect(ledger.credits.get(id)).toBe(1000n);
    expect(ledger.holds.get(withdrawal!.id)).toMatchObject({ state: "RELEASED", endings: 1 });
    expect(await toldTo(id)).toMatchObject([{ type: "WITHDRAWAL_FAILED" }]);
  });

  test("PAY-5 an unknown payout stays held, and ends when settlement knows", async () => {
    settlement.script.outcome = () => "UNKNOWN";
    const id = await merchant(1000n);
    const soon = world.another({ waitMs: 300 });
    const { withdrawal } = await soon.withdraw("1.00", callOf(id, { key: "k" }));
    expect(withdrawal).toMatchObject({
      state: SETTLING,
      version: 2,
      attempts: [{ state: "UNKNOWN" }],
    });
    expect(ledger.holds.get(withdrawal!.id)!.state).toBe("HELD");
    const event = settlement.move(withdrawal!.id, "SUCCEEDED");
    await hear(event);
    await world.sweep();
    expect(await world.find(withdrawal!.id)).toMatchObject({ state: "SUCCEEDED", version: 4 });
    expect(ledger.credits.get(id)).toBe(900n);
    // What was answered first is answered for ever.
    const again = callOf(id, { key: "k" });
    expect(bytesOf(await withdraw("1.00", again))).toEqual(bytesOf({ ...emptyOf(), withdrawal }));
    expect(wasReplayed(again)).toBe(true);
  });

  test("FLOW-12 what the bank sends back fills credit and pool, and the key keeps its answer", async () => {
    const id = await merchant(1000n);
    const first = await withdraw("1.00", callOf(id, { key: "k" }));
    const event = settlement.move(first.withdrawal!.id, "RETURNED");
    await hear(event);
    await hear(event);
    await world.sweep();
    expect(await world.find(first.withdrawal!.id)).toMatchObject({ state: "RETURNED", version: 3 });
    expect(ledger.credits.get(id)).toBe(1000n);
    expect(await toldTo(id)).toMatchObject([
      { type: "WITHDRAWAL_SUCCEEDED" },
      { type: "WITHDRAWAL_RETURNED" },
    ]);
    expect(bytesOf(await withdraw("1.00", callOf(id, { key: "k" })))).toEqual(bytesOf(first));
    await hear(event);
    await world.letTimePass();
    await world.sweep();
    expect(ledger.credits.get(id)).toBe(1000n);
  });
});

describe("waiting", () => {
  test("a service that waits for no end still says what the ledger refuses", async () => {
    const queued = world.another({ waitMs: 0 });
    settlement.script.outcome = () => "SENDING";
    const [rich, poor] = [await merchant(1000n), await merchant(0n)];
    const gate = Promise.withResolvers<void>();
    settlement.trouble.gate = async () => gate.promise;
    const { withdrawal } = await queued.withdraw("1.00", callOf(rich, { key: "k" }));
    expect(withdrawal!.state).toBe(REQUESTED);
    expect(await codes([queued.withdraw("1.00", callOf(poor))])).toEqual(["INSUFFICIENT_CREDIT"]);
    gate.resolve();
    settlement.trouble.gate = () => undefined;
    await expect.poll(async () => (await world.find(withdrawal!.id)).state).toBe("SETTLING");
    const again = await queued.withdraw("1.00", callOf(rich, { key: "k" }));
    expect(bytesOf(again)).toEqual(bytesOf({ ...emptyOf(), withdrawal }));
  });

  test("a call is answered before its deadline", async () => {
    settlement.script.outcome = () => "SENDING";
    const id = await merchant(1000n);
    const startMs = performance.now();
    const { withdrawal } = await withdraw("1.00", callOf(id, { withinMs: 800 }));
    expect(withdrawal!.state).toBe(SETTLING);
    expect(performance.now() - startMs).toBeLessThan(800);
  });

  test("a caller who leaves is served to the end, and joins when it comes again", async () => {
    const id = await merchant(1000n);
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    settlement.trouble.gate = async () => {
      reached.resolve();
      await gate.promise;
    };
    const leaving = new AbortController();
    const left = withdraw("1.00", callOf(id, { key: "k", signal: leaving.signal }));
    await reached.promise;
    expect(await codes([withdraw("1.00", callOf(id, { key: "k" }))])).toEqual([
      "IDEMPOTENCY_IN_PROGRESS",
    ]);
    leaving.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    const again = callOf(id, { key: "k" });
    const joined = withdraw("1.00", again);
    gate.resolve();
    settlement.trouble.gate = () => undefined;
    expect((await joined).withdrawal!.state).toBe(SUCCEEDED);
    expect([wasReplayed(again), ledger.credits.get(id)]).toEqual([true, 900n]);
  });

  test("who leaves before anything is stored leaves nothing", async () => {
    const id = await merchant(1000n);
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(withdraw("1.00", callOf(id, { signal }))).rejects.toThrow("gone");
    expect(await countOf(id)).toBe(0);
  });

  test("a call gives its place away before it waits", async () => {
    const id = await merchant(1000n);
    let rests = 0;
    const call = callOf(id);
    call.values.set(restKey, () => void (rests += 1));
    await withdraw("1.00", call);
    expect(rests).toBe(1);
  });

  test.each([true, false])(
    "of two waits for one key that are over without an end the first answer counts; news: %s",
    async (hasNews) => {
      settlement.script.outcome = () => "SENDING";
      const id = await merchant(1000n);
      const withdrawWithin = async (waitMs: number) =>
        world.another({ waitMs }).withdraw("1.00", callOf(id, { key: "k" }));
      const long = withdrawWithin(1500);
      await expect.poll(async () => stateOf(id)).toBe("SETTLING"); // and it was told so
      const short = await withdrawWithin(200);
      if (hasNews) await hear(settlement.move(short.withdrawal!.id, "UNKNOWN"));
      expect(bytesOf(await long)).toEqual(bytesOf(short));
    },
  );

  test("two processes that wait for one key give the same answer", async () => {
    settlement.script.outcome = () => "SENDING";
    const id = await merchant(1000n);
    const other = world.another({ waitMs: 400 });
    const long = withdraw("1.00", callOf(id, { key: "k" }));
    await expect.poll(async () => countOf(id)).toBe(1);
    const short = await other.withdraw("1.00", callOf(id, { key: "k" }));
    expect(short.withdrawal!.state).not.toBe(SUCCEEDED);
    await hear(settlement.move(short.withdrawal!.id, "SUCCEEDED"));
    await world.sweep();
    expect(bytesOf(await long)).toEqual(bytesOf(short));
  });
});

function emptyOf(): CreateWithdrawalResponse {
  return { $typeName: "mizan.core.v1.CreateWithdrawalResponse" };
}

/** Brings news of a payout, as the consumer does. */
async function hear(payout: ReturnType<typeof settlement.move>): Promise<void> {
  const event = { $typeName: "mizan.settlement.v1.PayoutsChanged" as const, payouts: [payout] };
  await db.sql.transaction().execute(async (tx) => hearPayouts(tx, event));
}
