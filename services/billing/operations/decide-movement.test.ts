import { toBinary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { Approval_State } from "#gen/mizan/billing/v1/approval_pb.ts";
import { ApproveMovementResponseSchema } from "#gen/mizan/billing/v1/approval_service_pb.ts";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { decodeReply, encodeRefusal } from "#mesh/database/reply.ts";
import { reasonOf } from "#mesh/errors.ts";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import { availableAccount } from "../domain/chart.ts";
import { parseFourEyes } from "../domain/four-eyes.ts";
import { TransferFlags } from "../domain/transfer.ts";
import { lossyProxy } from "../testing/lossy-proxy.ts";
import { approve, callBy, fillPool, reject } from "../testing/test-credit.ts";
import { charge, newOwner, testBilling } from "../testing/test-billing.ts";
import { findFaults, make, testWriter, transferOf } from "../testing/test-ledger.ts";
import { getBalance } from "./get-balance.ts";
import { getPool } from "./get-pool.ts";
import { listApprovals } from "./list-approvals.ts";

const world = await testBilling({ fourEyes: parseFourEyes("IRR=100.00") });
const { billing, db } = world;
afterAll(async () => world[Symbol.asyncDispose]());

const errorOf = async (call: Promise<unknown>): Promise<ConnectError> =>
  ConnectError.from(await call.catch((error: unknown) => error));
const reasonWhy = async (call: Promise<unknown>) => reasonOf(await errorOf(call));

const LARGE = { amount: "100.01", reference: "opening balance" };

/** The approval that a call is told to wait for. */
async function askedBy(call: Promise<unknown>): Promise<string> {
  const error = await errorOf(call);
  expect(reasonOf(error)).toBe("APPROVAL_REQUIRED");
  const kept = await errorOf(Promise.try(() => decodeReply(ErrorInfoSchema, encodeRefusal(error))));
  return kept.findDetails(ErrorInfoSchema)[0]!.metadata["approval_id"]!;
}

const availableOf = async (userId: string, on: Billing = billing) =>
  (await getBalance(on, { ownerId: userId, asset: "IRR" }, {})).availableMinor;

async function approvalNow(id: string) {
  const { rows } = await listApprovals(billing, {
    state: undefined,
    pageSize: 1000,
    pageToken: "",
  });
  return rows.find((approval) => approval.id === id)!;
}

async function epochNow() {
  const { rows } = await sql<{ epoch: number }>`select epoch from ledger_shard`.execute(db.sql);
  return rows[0]!.epoch;
}

/** The same books under another writer, as after a restart. */
async function restart(url = db.url) {
  const writer = await testWriter(url);
  const on: Billing = { ...billing, writer, assets: writer.assets };
  return { on, [Symbol.asyncDispose]: async () => writer[Symbol.asyncDispose]() };
}

describe("HOLD-7 S10 above the limit", () => {
  test("a charge waits for another administrator, who moves it once", async () => {
    const userId = await newOwner(billing);
    const [call, again] = [callBy("ada", "k1"), callBy("ada", "k1")];
    const approvalId = await askedBy(charge(billing, { userId, ...LARGE }, call));
    expect(await availableOf(userId)).toBe(0n);
    expect(await askedBy(charge(billing, { userId, ...LARGE }, again))).toBe(approvalId);
    expect([call.replayed, again.replayed]).toEqual([false, true]);
    const { approval } = await approve(billing, approvalId, callBy("bob"));
    expect(approval).toMatchObject({
      id: approvalId,
      method: "Test/Call",
      state: Approval_State.APPROVED,
      amount: { asset: "IRR", amount: "100.01" },
      beneficiary: userId,
      reference: "opening balance",
      requestedBy: "ada",
      decidedBy: "bob",
    });
    expect(await availableOf(userId)).toBe(10_001n);
    const { rows } = await sql`select movement.* from movement join approval using (transfer_id)
      where approval.id = ${approvalId}`.execute(db.sql);
    expect(rows).toMatchObject([{ requested_by: "ada", approved_by: "bob" }]);
    expect(await askedBy(charge(billing, { userId, ...LARGE }, again))).toBe(approvalId);
    expect(await availableOf(userId)).toBe(10_001n);
  });

  test("a top-up waits too, and its approval names the pool", async () => {
    const before = await getPool(billing, {});
    const call = callBy("ada");
    const top = { call, reference: "wire 9", bank: "melli" };
    const approvalId = await askedBy(fillPool(billing, "500.00", top));
    expect(await getPool(billing, {})).toEqual(before);
    const { approval } = await approve(billing, approvalId, callBy("bob"));
    expect(approval).toMatchObject({ beneficiary: "pool", state: Approval_State.APPROVED });
    expect((await getPool(billing, {})).toppedUpMinor).toBe(before.toppedUpMinor + 50_000n);
  });

  test("at the limit one administrator is enough, and other assets have none", async () => {
    const userId = await newOwner(billing);
    await charge(billing, { userId, amount: "100.00" });
    await charge(billing, { userId, asset: "USDT", amount: "1000000" });
    expect(await availableOf(userId)).toBe(10_000n);
  });

  test("IDEM-3 one whose id a closed account has burned can only be rejected, and asked anew", async () => {
    const userId = await newOwner(billing);
    const approvalId = await askedBy(charge(billing, { userId, ...LARGE }, callBy("ada")));
    const rich = await newOwner(billing, "1.00");
    const [debitAccountId, creditAccountId] = [rich, userId].map(
      (owner) => availableAccount(owner, billing.assets.byCode("IRR")!).id,
    );
    const sides = { debitAccountId: debitAccountId!, creditAccountId: creditAccountId! };
    const { PENDING, CLOSING_CREDIT, VOID_PENDING } = TransferFlags;
    const closing = transferOf("", "", { ...sides, amount: 0n, flags: PENDING | CLOSING_CREDIT });
    expect((await make(billing.writer, closing))[0]?.status).toBe("created");
    const agree = async () => reasonWhy(approve(billing, approvalId, callBy("bob")));
    expect(await agree()).toBe("LEDGER_REFUSED");
    const end = { ...sides, amount: 0n, flags: VOID_PENDING, pendingId: closing.id };
    expect((await make(billing.writer, transferOf("", "", end)))[0]?.status).toBe("created");
    expect(await agree()).toBe("LEDGER_REFUSED");
    await reject(billing, approvalId, callBy("bob"));
    const anew = await askedBy(charge(billing, { userId, ...LARGE }, callBy("ada")));
    await approve(billing, anew, callBy("bob"));
    expect(await availableOf(userId)).toBe(10_001n);
  });

  test("a reason is needed, and one may be given under the same key", async () => {
    const userId = await newOwner(billing);
    const call = callBy("ada");
    for (const reference of ["", " "]) {
      const wanted = charge(billing, { userId, ...LARGE, reference }, { ...call });
      expect(await reasonWhy(wanted)).toBe("REASON_REQUIRED");
    }
    await askedBy(charge(billing, { userId, ...LARGE }, call));
  });

  test("what was done before the limit was set has its old answer", async () => {
    const userId = await newOwner(billing);
    const open = { ...billing, fourEyes: new Map() };
    const call = callBy("ada");
    const first = await charge(open, { userId, amount: "1000.00" }, call);
    expect(await charge(billing, { userId, amount: "1000.00" }, { ...call })).toEqual(first);
  });

  test("nobody is asked about a user that there is not", async () => {
    expect(await reasonWhy(charge(billing, { userId: newId(), ...LARGE }))).toBe("USER_NOT_FOUND");
  });
});

describe("a decision", () => {
  test("is not that of the one who has asked", async () => {
    const userId = await newOwner(billing);
    const approvalId = await askedBy(charge(billing, { userId, ...LARGE }, callBy("ada")));
    expect(await reasonWhy(approve(billing, approvalId, callBy("ada")))).toBe("SAME_PERSON");
    expect(await approvalNow(approvalId)).toMatchObject({ state: "pending" });
    await approve(billing, approvalId, callBy("bob"));
    expect(await availableOf(userId)).toBe(10_001n);
  });

  test("may be to refuse, and then nothing is ever moved", async () => {
    const userId = await newOwner(billing);
    const approvalId = await askedBy(charge(billing, { userId, ...LARGE }, callBy("ada")));
    const { approval } = await reject(billing, approvalId, callBy("bob"));
    expect(approval).toMatchObject({
      state: Approval_State.REJECTED,
      decidedBy: "bob",
      entryId: "",
    });
    expect(await reasonWhy(approve(billing, approvalId, callBy("eve")))).toBe("APPROVAL_DECIDED");
    expect(await availableOf(userId)).toBe(0n);
  });

  test("may be to take back what one has asked for", async () => {
    const userId = await newOwner(billing);
    const approvalId = await askedBy(charge(billing, { userId, ...LARGE }, callBy("ada")));
    await reject(billing, approvalId, callBy("ada"));
    expect(await approvalNow(approvalId)).toMatchObject({ decision: { decidedBy: "ada" } });
  });

  test("has one answer to its key, and is refused under another one", async () => {
    const userId = await newOwner(billing);
    const approvalId = await askedBy(charge(billing, { userId, ...LARGE }, callBy("ada")));
    const call = callBy("bob");
    const calls = Array.from({ length: 50 }, () => ({ ...call }));
    const answers = await Promise.all(calls.map(async (one) => approve(billing, approvalId, one)));
    const bytes = answers.map((answer) => toBinary(ApproveMovementResponseSchema, answer).toHex());
    expect(new Set(bytes).size).toBe(1);
    expect(calls.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await reasonWhy(approve(billing, approvalId, callBy("bob")))).toBe("APPROVAL_DECIDED");
    expect(await reasonWhy(reject(billing, approvalId, callBy("bob")))).toBe("APPROVAL_DECIDED");
    expect(await availableOf(userId)).toBe(10_001n);
  });

  test("is made once, however many decide at once, and the database has nothing to refuse", async () => {
    const epoch = await epochNow();
    for (let round = 0; round < 10; round += 1) {
      const userId = await newOwner(billing);
      const approvalId = await askedBy(charge(billing, { userId, ...LARGE }, callBy("ada")));
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, async (_, at) => {
          const decide = at % 2 === round % 2 ? approve : reject;
          return decide(billing, approvalId, callBy(`admin ${at}`));
        }),
      );
      const [made, ...more] = outcomes.filter(({ status }) => status === "fulfilled");
      expect([made?.status, more]).toEqual(["fulfilled", []]);
      const { state } = await approvalNow(approvalId);
      expect(await availableOf(userId)).toBe(state === "approved" ? 10_001n : 0n);
    }
    expect(await epochNow()).toBe(epoch); // a refused commit has the books opened anew
    expect(await findFaults(db)).toEqual([]);
  });

  test("is not made of what was never asked for", async () => {
    expect(await reasonWhy(approve(billing, newId()))).toBe("APPROVAL_NOT_FOUND");
    expect(await reasonWhy(reject(billing, newId()))).toBe("APPROVAL_NOT_FOUND");
  });
});

describe("whatever breaks off on the way", () => {
  test.each(["ask", "approve"])("an answer to %s that is lost is found again", async (step) => {
    await using proxy = await lossyProxy(db.url);
    await using lossy = await restart(proxy.url);
    const { on } = lossy;
    const userId = await newOwner(on);
    const call = callBy("ada");
    if (step === "ask") proxy.loseAnswersTo("ledger_commit");
    const approvalId = await askedBy(charge(on, { userId, ...LARGE }, call));
    expect(call.replayed).toBe(step === "ask");
    if (step === "approve") proxy.loseAnswersTo("ledger_commit");
    const second = callBy("bob");
    await approve(on, approvalId, second);
    expect([second.replayed, proxy.lostAnswers()]).toEqual([step === "approve", 1]);
    expect(await availableOf(userId, on)).toBe(10_001n);
    expect(await findFaults(db)).toEqual([]);
  });

  test("a process that ends between asking and deciding leaves what the next one decides", async () => {
    let approvalId: string;
    let userId: string;
    const call = callBy("ada");
    {
      await using first = await restart();
      userId = await newOwner(first.on);
      approvalId = await askedBy(charge(first.on, { userId, ...LARGE }, call));
    }
    await using second = await restart();
    expect(await askedBy(charge(second.on, { userId, ...LARGE }, { ...call }))).toBe(approvalId);
    const decision = callBy("bob");
    await approve(second.on, approvalId, decision);
    await using third = await restart();
    const again = { ...decision };
    await approve(third.on, approvalId, again);
    expect(again.replayed).toBe(true);
    expect(await reasonWhy(reject(third.on, approvalId, callBy("eve")))).toBe("APPROVAL_DECIDED");
    expect(await availableOf(userId, third.on)).toBe(10_001n);
  });

  test("a decision that PostgreSQL refuses moves nothing, and can be made again", async () => {
    await using own = await restart();
    const userId = await newOwner(own.on);
    const approvalId = await askedBy(charge(own.on, { userId, ...LARGE }, callBy("ada")));
    await using operator = await openConnection({ url: db.url, name: "test" });
    await operator.query(`create trigger broken before insert on movement
      for each statement execute function refuse_change()`);
    const call = callBy("bob");
    await expect(approve(own.on, approvalId, { ...call })).rejects.toThrow("never changed");
    expect(await availableOf(userId, own.on)).toBe(0n);
    expect(await approvalNow(approvalId)).toMatchObject({ state: "pending" });
    await operator.query("drop trigger broken on movement");
    await approve(own.on, approvalId, call);
    expect([call.replayed, await availableOf(userId, own.on)]).toEqual([false, 10_001n]);
  });

  test("a request that comes again after the life of its key is asked about, but moved once", async () => {
    await using own = await restart();
    const userId = await newOwner(own.on);
    const call = () => callBy("ada", "a very old key");
    const first = await askedBy(charge(own.on, { userId, ...LARGE }, call()));
    await db.sql.deleteFrom("idempotency" as never).execute();
    await using later = await restart();
    const second = await askedBy(charge(later.on, { userId, ...LARGE }, call()));
    expect(second).not.toBe(first);
    const answers = [await approve(later.on, first), await approve(later.on, second)];
    expect(new Set(answers.map(({ approval }) => approval?.entryId)).size).toBe(1);
    await db.sql.deleteFrom("idempotency" as never).execute();
    await using last = await restart();
    const late = await charge(last.on, { userId, ...LARGE }, call());
    expect(late.balance?.total?.amount).toBe("100.01");
    expect(await findFaults(db)).toEqual([]);
  });
});

test("the database itself keeps a decision from being made twice, or by one person", async () => {
  await using own = await restart();
  const userId = await newOwner(own.on);
  const approvalId = await askedBy(charge(own.on, { userId, ...LARGE }, callBy("ada")));
  await using operator = await openConnection({ url: db.url, name: "test" });
  const change = async (set: string) =>
    operator.query(`update approval set ${set} where id = $1`, [approvalId]);
  const decided = "decided_at_us = 1";
  await expect(change("amount = 1")).rejects.toMatchObject({ code: "42501" });
  await expect(change(`state = 'approved', decided_by = 'bob', ${decided}`)).rejects.toMatchObject({
    code: "23514",
  });
  const withoutTransfer = `transfer_id = gen_random_uuid(), ${decided}`;
  await expect(
    change(`state = 'approved', decided_by = 'bob', ${withoutTransfer}`),
  ).rejects.toMatchObject({ code: "23503" });
  const [{ id } = { id: "" }] = await operator.query<{ id: string }>("select id from transfer_id");
  await expect(
    change(`state = 'approved', decided_by = 'ada', transfer_id = '${id}', ${decided}`),
  ).rejects.toMatchObject({ constraint: "two_persons" });
  await reject(own.on, approvalId);
  await expect(change("decided_by = 'eve'")).rejects.toMatchObject({ code: "42501" });
  await expect(operator.query("delete from approval")).rejects.toMatchObject({ code: "42501" });
  await expect(operator.query("delete from movement")).rejects.toMatchObject({ code: "42501" });
});

test("approvals are listed newest first, by their state, page by page", async () => {
  await using fresh = await testBilling({ fourEyes: parseFourEyes("IRR=1") });
  const { billing: own } = fresh;
  const userId = await newOwner(own);
  const asked: string[] = [];
  for (let at = 0; at < 5; at += 1) {
    const call: IdempotentCall = callBy("ada");
    asked.unshift(await askedBy(charge(own, { userId, amount: "2.00", reference: "r" }, call)));
  }
  await reject(own, asked[1]!);
  await approve(own, asked[3]!);
  const list = async (state: "pending" | "approved" | "rejected" | undefined, size = 0) => {
    const ids: string[] = [];
    for (let pageToken = ""; ;) {
      const page = await listApprovals(own, { state, pageSize: size, pageToken });
      ids.push(...page.rows.map(({ id }) => id));
      pageToken = page.nextPageToken;
      if (pageToken === "") return ids;
    }
  };
  expect(await list(undefined, 2)).toEqual(asked);
  expect(await list("pending", 1)).toEqual([asked[0], asked[2], asked[4]]);
  expect([await list("approved"), await list("rejected")]).toEqual([[asked[3]], [asked[1]]]);
  const { nextPageToken } = await listApprovals(own, {
    state: "pending",
    pageSize: 1,
    pageToken: "",
  });
  const other = listApprovals(own, { state: undefined, pageSize: 1, pageToken: nextPageToken });
  expect(await reasonWhy(other)).toBe("INVALID_PAGE_TOKEN");
});
