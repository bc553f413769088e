import { afterAll, beforeEach, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import type { Core } from "../context.ts";
import { testCore } from "../testing/test-core.ts";
import { approved, callOf, patiently, register, rials, toldTo } from "../testing/test-merchants.ts";
import { finishCreditChanges } from "./finish-credit-changes.ts";
import { recordRepayment } from "./record-repayment.ts";

const running = await testCore();
const { core, credits } = running;
afterAll(async () => running[Symbol.asyncDispose]());
beforeEach(() => void Object.assign(credits.state, { isAway: false, losesAnswers: false }));

const admin = newId();
const reason = async (call: Promise<unknown>) => call.then(() => "OK", reasonOf);

type Change = Partial<Record<"asset" | "bank" | "reference" | "by", string>> & {
  readonly on?: Core;
};

async function repay(merchantId: string, amount: string, key = newId(), change: Change = {}) {
  const { asset = "IRR", bank = "", reference = "slip 7", by = admin, on = core } = change;
  const money = { ...rials(amount), asset };
  const request = { requestId: key, merchantId, amount: money, bank, reference };
  const body = JSON.stringify([merchantId, money, bank, reference]);
  return recordRepayment(on, request, callOf(by, "ADMIN", { key, body }));
}

/** A merchant that has used 600 of 1,000 rials. */
async function indebted(): Promise<string> {
  const id = await approved(core, "1000.00");
  credits.lines.get(id)!.utilized = 60_000n;
  return id;
}

test("what is paid back frees credit, and the merchant is told", async () => {
  const id = await indebted();
  const { merchant, credit } = await repay(id, "250.50");
  expect(merchant).toMatchObject({ id, creditLimit: { amount: "1000.00" } });
  expect(credit).toMatchObject({
    creditLimit: { asset: "IRR", amount: "1000.00" },
    utilizedAmount: { asset: "IRR", amount: "349.50" },
    held: { amount: "0.00" },
    available: { amount: "650.50" },
  });
  expect((await toldTo(core, id))[0]).toEqual({
    type: "REPAYMENT_RECORDED",
    values: { asset: "IRR", amount: "250.50" },
  });
});

test("A3 a retry is paid back once; with another amount it is refused", async () => {
  const [id, key] = [await indebted(), newId()];
  const first = await repay(id, "100.00", key);
  expect(await repay(id, "100.00", key)).toEqual(first);
  expect(await reason(repay(id, "200.00", key))).toBe("IDEMPOTENCY_KEY_REUSED");
  expect(credits.lines.get(id)?.utilized).toBe(50_000n);
  expect(await toldTo(core, id)).toHaveLength(2);
});

test("O9 a payment whose answer was lost is the same payment when it comes again", async () => {
  const [id, key] = [await indebted(), newId()];
  credits.state.losesAnswers = true;
  await expect(repay(id, "100.00", key)).rejects.toThrow("lost");
  credits.state.losesAnswers = false;
  const { credit } = await repay(id, "100.00", key);
  expect(credit?.utilizedAmount?.amount).toBe("500.00");
  expect(credits.lines.get(id)?.utilized).toBe(50_000n);
});

test("fifty at once with one key pay back once", async () => {
  const [id, key] = [await indebted(), newId()];
  const [first, ...others] = await Promise.all(
    Array.from({ length: 50 }, async () => patiently(async () => repay(id, "100.00", key))),
  );
  for (const answer of others) expect(answer).toEqual(first);
  expect(credits.lines.get(id)?.utilized).toBe(50_000n);
  expect(await toldTo(core, id)).toHaveLength(2);
});

test("more than is used is refused, again and again, and tells nobody", async () => {
  const [id, key] = [await indebted(), newId()];
  await expect(repay(id, "600.01", key)).rejects.toThrow("600.01 is more than the 600.00");
  credits.lines.get(id)!.utilized = 90_000n;
  expect(await reason(repay(id, "600.01", key))).toBe("REPAYMENT_EXCEEDED");
  expect(await toldTo(core, id)).toHaveLength(1);
});

test.each([
  ["INVALID_AMOUNT", "0.00", "IRR"],
  ["INVALID_AMOUNT", "-1", "IRR"],
  ["AMOUNT_TOO_LARGE", "1000000000001", "IRR"],
  ["ASSET_NOT_ACCEPTED", "1", "USDT"],
])("%s refuses %s %s", async (expected, amount, asset) => {
  const id = await indebted();
  expect(await reason(repay(id, amount, newId(), { asset }))).toBe(expected);
  expect(credits.lines.get(id)?.utilized).toBe(60_000n);
});

test("nobody, and a merchant that never had credit, pays nothing back", async () => {
  expect(await reason(repay(newId(), "1.00"))).toBe("MERCHANT_NOT_FOUND");
  expect(await reason(repay(await register(core), "1.00"))).toBe("MERCHANT_NOT_FOUND");
});

test("a payment that a crash has left between the ledger and its note is noted by the job", async () => {
  const id = await indebted();
  credits.state.losesAnswers = true;
  await expect(repay(id, "100.00")).rejects.toThrow("lost");
  credits.state.losesAnswers = false;
  expect(await finishCreditChanges(core, 0)).toBe(1);
  expect((await toldTo(core, id))[0]).toMatchObject({ type: "REPAYMENT_RECORDED" });
  expect(credits.lines.get(id)?.utilized).toBe(50_000n);
});

// Four eyes (S10): more than 100 rials need two administrators.
const careful = { on: { ...core, fourEyesMinor: 10_000n } };
const other = { ...careful, by: newId() };

test("S10 a large payment frees no credit until a second administrator says the same", async () => {
  const [id, key] = [await indebted(), newId()];
  for (let time = 0; time < 2; time += 1) {
    expect(await reason(repay(id, "100.01", key, careful))).toBe("APPROVAL_REQUIRED");
  }
  expect(await reason(repay(id, "100.01", newId(), careful))).toBe("APPROVAL_REQUIRED");
  expect(credits.lines.get(id)?.utilized).toBe(60_000n);
  expect(await toldTo(core, id)).toHaveLength(1);
  const { credit } = await repay(id, "100.01", key, other);
  expect(credit?.utilizedAmount?.amount).toBe("499.99");
  expect(credits.lines.get(id)?.utilized).toBe(49_999n);
  expect((await toldTo(core, id))[0]).toMatchObject({ type: "REPAYMENT_RECORDED" });
});

test("S10 a payment that two have confirmed is one payment, whoever else repeats it", async () => {
  const [id, key] = [await indebted(), newId()];
  await reason(repay(id, "200.00", key, careful));
  const two = Array.from({ length: 6 }, async (_, at) => {
    const by = at % 2 === 0 ? other.by : newId();
    return reason(patiently(async () => repay(id, "200.00", key, { ...careful, by })));
  });
  expect(new Set(await Promise.all(two))).toEqual(new Set(["OK"]));
  expect(credits.lines.get(id)?.utilized).toBe(40_000n);
  expect(await toldTo(core, id)).toHaveLength(2);
});

test.each([
  ["another amount", "100.02", {}],
  ["another reference", "100.01", { reference: "slip 8" }],
  ["another bank account", "100.01", { bank: "second" }],
])("S10 a second administrator with %s records something else", async (_, amount, change) => {
  const [id, key] = [await indebted(), newId()];
  await reason(repay(id, "100.01", key, careful));
  const second = repay(id, amount, key, { ...other, ...change });
  expect(await reason(second)).toBe("APPROVAL_REQUIRED");
  expect(credits.lines.get(id)?.utilized).toBe(60_000n);
});

test("S10 the limit itself needs one; more than it needs what the bank calls it", async () => {
  const id = await indebted();
  expect(await reason(repay(id, "100.00", newId(), { ...careful, reference: "" }))).toBe("OK");
  const nameless = { ...careful, reference: " " };
  expect(await reason(repay(id, "100.01", newId(), nameless))).toBe("REASON_REQUIRED");
});
