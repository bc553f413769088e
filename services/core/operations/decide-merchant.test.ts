import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Merchant_State } from "#gen/mizan/core/v1/merchant_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { testCore } from "../testing/test-core.ts";
import { approved, callOf, patiently, register, rials, toldTo } from "../testing/test-merchants.ts";
import { reinstateMerchant } from "./reinstate-merchant.ts";
import { rejectMerchant } from "./reject-merchant.ts";
import { setCreditLimit } from "./set-credit-limit.ts";
import { suspendMerchant } from "./suspend-merchant.ts";

const running = await testCore();
const { core, credits } = running;
afterAll(async () => running[Symbol.asyncDispose]());
beforeEach(() => void Object.assign(credits.state, { isAway: false, losesAnswers: false }));

const admin = newId();
const reason = async (call: Promise<unknown>) => call.then(() => "OK", reasonOf);

const deciders = {
  rejectMerchant: async (merchantId: string, key?: string) =>
    rejectMerchant(core, { merchantId, reason: "no licence" }, callOf(admin, "ADMIN", { key })),
  suspendMerchant: async (merchantId: string, key?: string) =>
    suspendMerchant(core, { merchantId, reason: "no licence" }, callOf(admin, "ADMIN", { key })),
  reinstateMerchant: async (merchantId: string, key?: string) =>
    reinstateMerchant(core, { merchantId }, callOf(admin, "ADMIN", { key })),
};

/** Merchants in each state. */
const makers = {
  PENDING: async () => register(core),
  ACTIVE: async () => approved(core),
  REJECTED: async () => {
    const id = await register(core);
    await deciders.rejectMerchant(id);
    return id;
  },
  SUSPENDED: async () => {
    const id = await approved(core);
    await deciders.suspendMerchant(id);
    return id;
  },
};

const decisions = [
  ["rejectMerchant", "PENDING", "REJECTED"],
  ["suspendMerchant", "ACTIVE", "SUSPENDED"],
  ["reinstateMerchant", "SUSPENDED", "ACTIVE"],
] as const;

describe.each(decisions)("%s()", (name, from, to) => {
  const decide = deciders[name];

  test(`takes a merchant from ${from} to ${to} and tells the merchant why`, async () => {
    const id = await makers[from]();
    const why = to === "ACTIVE" ? "" : "no licence";
    const { merchant } = await decide(id);
    expect(merchant).toMatchObject({ id, state: Merchant_State[to], reason: why });
    const row = core.db.sql.selectFrom("merchant").selectAll().where("id", "=", id);
    expect(await row.executeTakeFirst()).toMatchObject({ state: to, decided_by: admin });
    const type = `MERCHANT_${to === "ACTIVE" ? "REINSTATED" : to}`;
    expect((await toldTo(core, id))[0]).toEqual({ type, values: { reason: why } });
  });

  test("A3 a retry with the same key decides once and gets the first answer", async () => {
    const [id, key] = [await makers[from](), newId()];
    const first = await decide(id, key);
    const told = await toldTo(core, id);
    expect(await decide(id, key)).toEqual(first);
    expect(await toldTo(core, id)).toEqual(told);
  });

  test.each(Object.entries(makers).filter(([state]) => state !== from))(
    "refuses a merchant that is %s",
    async (state, make) => {
      const id = await make();
      await expect(decide(id)).rejects.toThrow(`is ${state}`);
      expect(await reason(decide(id))).toBe("MERCHANT_STATE_DIFFERS");
    },
  );

  test("refuses nobody", async () => {
    expect(await reason(decide(newId()))).toBe("MERCHANT_NOT_FOUND");
  });

  test("of twenty at once one decides", async () => {
    const id = await makers[from]();
    const keys = Array.from({ length: 20 }, () => newId());
    const outcomes = await Promise.all(
      keys.map(async (key) => reason(patiently(async () => decide(id, key)))),
    );
    expect(outcomes.filter((outcome) => outcome === "OK")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "MERCHANT_STATE_DIFFERS")).toHaveLength(19);
  });
});

test("a suspended merchant keeps its limit, which may be changed", async () => {
  const merchantId = await makers.SUSPENDED();
  const request = { requestId: "", merchantId, creditLimit: rials("7.00"), remark: "" };
  const { merchant } = await setCreditLimit(core, request, callOf(admin));
  expect(merchant).toMatchObject({
    state: Merchant_State.SUSPENDED,
    reason: "no licence",
    creditLimit: { amount: "7.00" },
  });
});

test("a limit that is being changed is settled before the merchant is suspended", async () => {
  const merchantId = await makers.ACTIVE();
  credits.state.losesAnswers = true;
  const request = { requestId: "", merchantId, creditLimit: rials("7.00"), remark: "" };
  await expect(setCreditLimit(core, request, callOf(admin))).rejects.toThrow("lost");
  credits.state.losesAnswers = false;
  const { merchant } = await deciders.suspendMerchant(merchantId);
  expect(merchant).toMatchObject({ creditLimit: { amount: "7.00" } });
});

test("the answer of a retry says that it is one", async () => {
  const [merchantId, key] = [await makers.PENDING(), newId()];
  await deciders.rejectMerchant(merchantId, key);
  const again = callOf(admin, "ADMIN", { key });
  await rejectMerchant(core, { merchantId, reason: "no licence" }, again);
  expect(again.values.get(callKey)?.replayed).toBe(true);
});
