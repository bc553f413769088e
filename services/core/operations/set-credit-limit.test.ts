import { afterAll, beforeEach, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { testCore } from "../testing/test-core.ts";
import { approved, callOf, patiently, register, rials, toldTo } from "../testing/test-merchants.ts";
import { finishCreditChanges } from "./finish-credit-changes.ts";
import { setCreditLimit } from "./set-credit-limit.ts";

const running = await testCore();
const { core, credits } = running;
afterAll(async () => running[Symbol.asyncDispose]());
beforeEach(() => void Object.assign(credits.state, { isAway: false, losesAnswers: false }));

const admin = newId();

async function set(merchantId: string, limit: string, key = newId(), on = core) {
  const request = { requestId: key, merchantId, creditLimit: rials(limit), remark: "because" };
  const body = JSON.stringify([merchantId, limit]);
  return setCreditLimit(on, request, callOf(admin, "ADMIN", { key, body }));
}
const reason = async (call: Promise<unknown>) => call.then(() => "OK", reasonOf);

const limitOf = async (id: string) => {
  const rows = core.db.sql.selectFrom("merchant").selectAll().where("id", "=", id);
  return (await rows.executeTakeFirstOrThrow()).credit_limit_minor;
};

test("a limit goes up and down, here and on the ledger, and the merchant is told", async () => {
  const id = await approved(core, "1000.00");
  for (const limit of ["3000.00", "0.01", "0.00"]) {
    const { merchant } = await set(id, limit);
    expect(merchant?.creditLimit?.amount).toBe(limit);
    expect(await limitOf(id)).toBe(credits.lines.get(id)!.limit);
  }
  const told = await toldTo(core, id);
  expect(told.map(({ type, values }) => [type, values["amount"]])).toEqual([
    ["CREDIT_LIMIT_CHANGED", "0.00"],
    ["CREDIT_LIMIT_CHANGED", "0.01"],
    ["CREDIT_LIMIT_CHANGED", "3000.00"],
    ["MERCHANT_APPROVED", "1000.00"],
  ]);
});

test("less than what is used is refused, again and again, and the next limit is taken", async () => {
  const [id, key] = [await approved(core, "1000.00"), newId()];
  credits.lines.get(id)!.utilized = 60_000n;
  await expect(set(id, "599.99", key)).rejects.toThrow("The limit 599.99 is less than the 600.00");
  credits.lines.get(id)!.utilized = 0n;
  expect(await reason(set(id, "599.99", key))).toBe("CREDIT_IN_USE"); // A3
  expect(await limitOf(id)).toBe(100_000n);
  expect(await reason(set(id, "599.99"))).toBe("OK");
});

test("a refusal that a crash has kept from the administrator is told by the retry", async () => {
  const [id, key] = [await approved(core, "1000.00"), newId()];
  credits.lines.get(id)!.utilized = 60_000n;
  credits.state.losesAnswers = true;
  await expect(set(id, "1.00", key)).rejects.toThrow("lost");
  credits.state.losesAnswers = false;
  expect(await finishCreditChanges(core, 0)).toBe(1);
  const callsBefore = credits.state.calls;
  await expect(set(id, "1.00", key)).rejects.toThrow("The limit 1.00 is less than the 600.00");
  expect(credits.state.calls).toBe(callsBefore);
});

test("limits that follow one another end in the same order here and on the ledger", async () => {
  const id = await approved(core, "1000.00");
  const limits = Array.from({ length: 12 }, (_, at) => `${at + 1}.00`);
  await Promise.all(
    limits.map(async (limit) => {
      const key = newId();
      return patiently(async () => set(id, limit, key));
    }),
  );
  expect(await toldTo(core, id)).toHaveLength(1 + limits.length);
  expect(await limitOf(id)).toBe(credits.lines.get(id)!.limit);
});

test("a limit that a crash has left open is set before the next one", async () => {
  const id = await approved(core, "1000.00");
  credits.state.losesAnswers = true;
  await expect(set(id, "5.00")).rejects.toThrow("lost");
  credits.state.losesAnswers = false;
  await set(id, "6.00");
  const told = await toldTo(core, id);
  expect(told.map(({ values }) => values["amount"])).toEqual(["6.00", "5.00", "1000.00"]);
  expect(await finishCreditChanges(core, 0)).toBe(0);
  expect(credits.lines.get(id)?.limit).toBe(600n);
});

test("the job leaves alone what was asked for just now", async () => {
  const id = await approved(core, "1000.00");
  credits.state.losesAnswers = true;
  await expect(set(id, "5.00")).rejects.toThrow("lost");
  credits.state.losesAnswers = false;
  expect(await finishCreditChanges(core)).toBe(0);
  expect(await finishCreditChanges(core, 0)).toBe(1);
});

test("who was never approved, and nobody, has no limit to change", async () => {
  expect(await reason(set(await register(core), "1.00"))).toBe("MERCHANT_STATE_DIFFERS");
  expect(await reason(set(newId(), "1.00"))).toBe("MERCHANT_NOT_FOUND");
});

test("S10 a high limit needs a second administrator", async () => {
  const id = await approved(core, "1.00");
  const careful = { ...core, fourEyesMinor: 100n };
  expect(await reason(set(id, "1.01", newId(), careful))).toBe("APPROVAL_REQUIRED");
  expect(await reason(set(id, "1.00", newId(), careful))).toBe("OK");
});
