import { afterAll, expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import { testCore } from "../testing/test-core.ts";
import { approved, callOf } from "../testing/test-merchants.ts";
import { getCredit } from "./get-credit.ts";

const running = await testCore();
const { core, credits } = running;
afterAll(async () => running[Symbol.asyncDispose]());

test("the credit of a merchant is what the ledger says now", async () => {
  const id = await approved(core, "1000.00");
  credits.lines.get(id)!.utilized = 1n;
  expect(await getCredit(core, { id }, callOf(id, "MERCHANT"))).toMatchObject({
    creditLimit: { asset: "IRR", amount: "1000.00" },
    utilized: { amount: "0.01" },
    available: { amount: "999.99" },
  });
});

test("a merchant before the first limit has none, and a ledger that is away is no such merchant", async () => {
  const id = newId();
  expect(await getCredit(core, { id }, callOf(id, "MERCHANT"))).toBeUndefined();
  const getAway = async () => Promise.reject(new Error("away"));
  const away = { credit: { ...core.credit, getCredit: getAway } };
  await expect(getCredit(away, { id }, callOf(id, "MERCHANT"))).rejects.toThrow("away");
});
