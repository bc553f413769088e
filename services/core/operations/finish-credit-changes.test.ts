import { afterAll, expect, test } from "vitest";
import { transaction } from "#mesh/database/transaction.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import type { CreditChange } from "../domain/credit-change.ts";
import { insertChange } from "../store/credit-changes.ts";
import { testCore } from "../testing/test-core.ts";
import { approved, callOf, rials, toldTo } from "../testing/test-merchants.ts";
import { decideMerchant } from "./decide-merchant.ts";
import { finishChange, finishCreditChanges } from "./finish-credit-changes.ts";
import { getMerchant } from "./get-merchant.ts";
import { setCreditLimit } from "./set-credit-limit.ts";

const running = await testCore();
const { core, credits } = running;
afterAll(async () => running[Symbol.asyncDispose]());

/** A change that is agreed to, and of which the ledger has not heard yet. */
async function open(merchantId: string, limitMinor: bigint): Promise<CreditChange> {
  const change = {
    id: newId(),
    merchantId,
    kind: "SET_LIMIT",
    limitMinor,
    remark: "",
    bank: "",
    requestKey: newId(),
    requestedBy: newId(),
    approvedBy: undefined,
    state: "AGREED",
    refusal: undefined,
  } as const;
  await insertChange(core.db.sql, change);
  return change;
}

test("who finishes a change late does not write it over a newer one", async () => {
  const merchantId = await approved(core, "1000.00");
  const old = await open(merchantId, 500n);
  await finishCreditChanges(core, 0);
  const request = { requestId: "", merchantId, creditLimit: rials("6.00"), remark: "" };
  await setCreditLimit(core, request, callOf(newId()));
  const told = await toldTo(core, merchantId);
  await finishChange(core, old); // as another process that has read it before
  expect((await getMerchant(core.db.sql, merchantId)).creditLimitMinor).toBe(600n);
  expect(credits.lines.get(merchantId)?.limit).toBe(600n);
  expect(await toldTo(core, merchantId)).toEqual(told);
});

test("two processes that finish one change tell of it once", async () => {
  const merchantId = await approved(core, "1000.00");
  const change = await open(merchantId, 500n);
  await Promise.all([finishChange(core, change), finishChange(core, change)]);
  expect(await toldTo(core, merchantId)).toHaveLength(2);
});

test("nothing is decided about a merchant between the change and the ledger", async () => {
  const merchantId = await approved(core, "1000.00");
  const change = await open(merchantId, 500n);
  const suspension = {
    merchantId,
    from: "ACTIVE",
    to: "SUSPENDED",
    reason: "",
    type: "MERCHANT_SUSPENDED",
    decidedBy: newId(),
  } as const;
  const decide = async () => transaction(core.db, async (tx) => decideMerchant(tx, suspension));
  expect(await decide().then(() => "OK", reasonOf)).toBe("OVERLOADED");
  await finishChange(core, change);
  expect((await decide()).state).toBe("SUSPENDED");
});

test("the job goes on after a change that the ledger refuses", async () => {
  const [first, second] = [await approved(core, "1000.00"), await approved(core, "1000.00")];
  credits.lines.get(first)!.utilized = 60_000n;
  await open(first, 1n);
  await open(second, 1n);
  expect(await finishCreditChanges(core, 0)).toBe(2);
  expect(await finishCreditChanges(core, 0)).toBe(0);
  expect((await getMerchant(core.db.sql, first)).creditLimitMinor).toBe(100_000n);
  expect((await getMerchant(core.db.sql, second)).creditLimitMinor).toBe(1n);
});
