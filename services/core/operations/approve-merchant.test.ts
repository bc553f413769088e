import { afterAll, beforeEach, expect, test } from "vitest";
import { Merchant_State } from "#gen/mizan/core/v1/merchant_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import type { Core } from "../context.ts";
import { testCore } from "../testing/test-core.ts";
import { callOf, patiently, register, rials, toldTo } from "../testing/test-merchants.ts";
import { approveMerchant } from "./approve-merchant.ts";
import { finishCreditChanges } from "./finish-credit-changes.ts";
import { rejectMerchant } from "./reject-merchant.ts";

const running = await testCore();
const { core, credits } = running;
afterAll(async () => running[Symbol.asyncDispose]());
beforeEach(() => void Object.assign(credits.state, { isAway: false, losesAnswers: false }));

const [admin, other] = [newId(), newId()];

type Change = Partial<Record<"limit" | "remark" | "by" | "key", string>> & { readonly on?: Core };

async function approve(merchantId: string, change: Change = {}) {
  const { limit = "1000.00", remark = "", by = admin, key = newId(), on = core } = change;
  const request = { requestId: key, merchantId, creditLimit: rials(limit), remark };
  const body = JSON.stringify([merchantId, limit, remark]);
  return approveMerchant(on, request, callOf(by, "ADMIN", { key, body }));
}
const reason = async (call: Promise<unknown>) => call.then(() => "OK", reasonOf);

const rowOf = async (id: string) =>
  core.db.sql.selectFrom("merchant").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

const changesOf = async (merchantId: string) =>
  core.db.sql
    .selectFrom("credit_change")
    .select(["state", "limit_minor", "requested_by", "approved_by", "remark"])
    .where("merchant_id", "=", merchantId)
    .orderBy("created_at")
    .execute();

test("a merchant that is approved has a limit on the ledger, and is told", async () => {
  const id = await register(core);
  const { merchant } = await approve(id, { remark: "known for years" });
  expect(merchant).toMatchObject({
    id,
    state: Merchant_State.ACTIVE,
    creditLimit: { asset: "IRR", amount: "1000.00" },
  });
  expect(credits.lines.get(id)).toEqual({ limit: 100_000n, utilized: 0n });
  expect(await rowOf(id)).toMatchObject({ state: "ACTIVE", decided_by: admin });
  expect(await toldTo(core, id)).toMatchObject([
    { type: "MERCHANT_APPROVED", values: { asset: "IRR", amount: "1000.00" } },
  ]);
});

test("S10 who has approved what and why stays on record", async () => {
  const id = await register(core);
  await approve(id, { remark: "known for years" });
  expect(await changesOf(id)).toEqual([
    {
      state: "DONE",
      limit_minor: 100_000n,
      requested_by: admin,
      approved_by: null,
      remark: "known for years",
    },
  ]);
  const erase = core.db.sql.deleteFrom("credit_change").where("merchant_id", "=", id).execute();
  await expect(erase).rejects.toThrow("never changed or deleted");
});

test("A3 fifty at once with one key are one approval, and a retry gets the same answer", async () => {
  const [id, key] = [await register(core), newId()];
  const calls = Array.from({ length: 50 }, async () => patiently(async () => approve(id, { key })));
  const [first, ...others] = await Promise.all(calls);
  for (const answer of others) expect(answer).toEqual(first);
  expect(await changesOf(id)).toHaveLength(1);
  expect(await toldTo(core, id)).toHaveLength(1);
  expect(await reason(approve(id, { key, limit: "2000.00" }))).toBe("IDEMPOTENCY_KEY_REUSED");
  expect(credits.lines.get(id)?.limit).toBe(100_000n);
});

test("of two administrators with two limits one is heard, here and on the ledger", async () => {
  const id = await register(core);
  const both = [{ limit: "100.00" }, { limit: "200.00", by: other }];
  const outcomes = await Promise.all(
    both.map(async (change) => {
      const keyed = { ...change, key: newId() };
      return reason(patiently(async () => approve(id, keyed)));
    }),
  );
  expect(outcomes.filter((outcome) => outcome === "OK")).toHaveLength(1);
  const { credit_limit_minor: limit } = await rowOf(id);
  expect(credits.lines.get(id)?.limit).toBe(limit);
});

test("while the ledger is away nobody is approved; the job finishes what was agreed to", async () => {
  const [id, key] = [await register(core), newId()];
  credits.state.isAway = true;
  await expect(approve(id, { key })).rejects.toThrow("away");
  await expect(finishCreditChanges(core, 0)).rejects.toThrow("1 changes are not made");
  expect(await rowOf(id)).toMatchObject({ state: "PENDING", credit_limit_minor: null });
  credits.state.isAway = false;
  expect(await finishCreditChanges(core, 0)).toBe(1);
  expect(await rowOf(id)).toMatchObject({ state: "ACTIVE", credit_limit_minor: 100_000n });
  const { merchant } = await approve(id, { key }); // the administrator's own retry
  expect(merchant?.state).toBe(Merchant_State.ACTIVE);
  expect(await toldTo(core, id)).toHaveLength(1);
});

test("O9 an answer of the ledger that is lost is asked for again, and is the same limit", async () => {
  const [id, key] = [await register(core), newId()];
  credits.state.losesAnswers = true;
  await expect(approve(id, { key })).rejects.toThrow("lost");
  credits.state.losesAnswers = false;
  expect(await reason(approve(id, { key, limit: "7.00" }))).toBe("IDEMPOTENCY_KEY_REUSED");
  await approve(id, { key });
  expect(await changesOf(id)).toMatchObject([{ state: "DONE" }]);
  expect(await rowOf(id)).toMatchObject({ state: "ACTIVE", credit_limit_minor: 100_000n });
});

test("a decision that follows a crash comes after the approval, not in its place", async () => {
  const id = await register(core);
  credits.state.losesAnswers = true;
  await expect(approve(id)).rejects.toThrow("lost");
  const rejection = { merchantId: id, reason: "no" };
  await expect(rejectMerchant(core, rejection, callOf(other))).rejects.toThrow("lost");
  credits.state.losesAnswers = false;
  expect(await reason(rejectMerchant(core, rejection, callOf(other)))).toBe(
    "MERCHANT_STATE_DIFFERS",
  );
  expect(await rowOf(id)).toMatchObject({ state: "ACTIVE" });
});

test.each([
  ["INVALID_AMOUNT", { limit: "0.00" }],
  ["INVALID_AMOUNT", { limit: "-5" }],
  ["AMOUNT_TOO_LARGE", { limit: "1000000000001" }],
])("%s refuses a limit of %j", async (expected, change) => {
  const id = await register(core);
  expect(await reason(approve(id, change))).toBe(expected);
  expect(await changesOf(id)).toEqual([]);
});

test("nobody, and nobody twice, is approved", async () => {
  expect(await reason(approve(newId()))).toBe("MERCHANT_NOT_FOUND");
  const id = await register(core);
  await approve(id);
  const key = newId();
  expect(await reason(approve(id, { key }))).toBe("MERCHANT_STATE_DIFFERS");
  expect(await reason(approve(id, { key }))).toBe("MERCHANT_STATE_DIFFERS");
});

test("an id in capitals is the same merchant", async () => {
  const id = await register(core);
  const { merchant } = await approve(id.toUpperCase());
  expect(merchant).toMatchObject({ id, state: Merchant_State.ACTIVE });
});

// Four eyes (S10): more than 500 rials need two administrators.
const careful = { ...core, fourEyesMinor: 50_000n };
const large = { limit: "500.01", remark: "a good customer", on: careful };

test("S10 a high limit waits for a second administrator, who repeats the call", async () => {
  const [id, key] = [await register(core), newId()];
  expect(await reason(approve(id, { ...large, key }))).toBe("APPROVAL_REQUIRED");
  expect(await rowOf(id)).toMatchObject({ state: "PENDING" });
  expect(credits.lines.has(id)).toBe(false);
  const { merchant } = await approve(id, { ...large, key, by: other });
  expect(merchant).toMatchObject({
    state: Merchant_State.ACTIVE,
    creditLimit: { amount: "500.01" },
  });
  expect(await changesOf(id)).toEqual([
    {
      state: "DONE",
      limit_minor: 50_001n,
      requested_by: admin,
      approved_by: other,
      remark: "a good customer",
    },
  ]);
});

test("S10 one administrator alone, however often, is not two", async () => {
  const [id, key] = [await register(core), newId()];
  expect(await reason(approve(id, { ...large, key }))).toBe("APPROVAL_REQUIRED");
  expect(await reason(approve(id, { ...large, key }))).toBe("APPROVAL_REQUIRED");
  expect(await reason(approve(id, { ...large, key: newId() }))).toBe("APPROVAL_REQUIRED");
  expect(await rowOf(id)).toMatchObject({ state: "PENDING" });
});

test.each([
  ["another limit", { limit: "500.02" }],
  ["another key", { key: "other" }],
])("S10 a second administrator with %s asks for something else", async (_, change) => {
  const [id, key] = [await register(core), newId()];
  await reason(approve(id, { ...large, key }));
  const second = approve(id, { ...large, key, by: other, ...change });
  expect(await reason(second)).toBe("APPROVAL_REQUIRED");
  expect(await rowOf(id)).toMatchObject({ state: "PENDING" });
});

test("S10 the limit itself needs one; more than it needs a reason", async () => {
  const id = await register(core);
  const reasonless = { ...large, remark: "  " };
  expect(await reason(approve(id, reasonless))).toBe("REASON_REQUIRED");
  expect(await reason(approve(id, { ...large, limit: "500.00", remark: "" }))).toBe("OK");
});

test("S10 a second administrator whose answer was lost gets it by a retry", async () => {
  const [id, key] = [await register(core), newId()];
  await reason(approve(id, { ...large, key }));
  credits.state.losesAnswers = true;
  await expect(approve(id, { ...large, key, by: other })).rejects.toThrow("lost");
  credits.state.losesAnswers = false;
  expect(await reason(approve(id, { ...large, key, by: other }))).toBe("OK");
  expect(await changesOf(id)).toHaveLength(1);
});

test("S10 what was asked for longer ago than keys are kept can't be confirmed", async () => {
  const [id, key] = [await register(core), newId()];
  await reason(approve(id, { ...large, key }));
  const created_at = new Date(Date.now() - 8 * 24 * 3600 * 1000);
  await core.db.sql
    .updateTable("credit_change")
    .set({ created_at })
    .where("merchant_id", "=", id)
    .execute();
  expect(await reason(approve(id, { ...large, key, by: other }))).toBe("APPROVAL_REQUIRED");
});

test("the answer of a retry says that it is one", async () => {
  const [merchantId, key] = [await register(core), newId()];
  const request = { requestId: key, merchantId, creditLimit: rials("1"), remark: "" };
  await approveMerchant(core, request, callOf(admin, "ADMIN", { key }));
  const again = callOf(admin, "ADMIN", { key });
  await approveMerchant(core, request, again);
  expect(again.values.get(callKey)?.replayed).toBe(true);
});
