import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import { fillPool, grant } from "../testing/test-credit.ts";
import { testBilling } from "../testing/test-billing.ts";
import { accountsOf, unbalanced } from "../testing/test-flows.ts";
import { findFaults } from "../testing/test-ledger.ts";
import { captureHolds } from "./capture-holds.ts";
import { createHolds } from "./create-holds.ts";
import { getCredit } from "./get-credit.ts";
import { getPool } from "./get-pool.ts";

/** Holds 1.00 for a withdrawal of a merchant, as core does; the reason when it is refused. */
async function withdraw(billing: Billing, merchantId: string, holdId = newId()) {
  const hold = { holdId, ownerId: merchantId, asset: "IRR", amount: "1.00", reference: "" };
  const holds = [{ ...hold, purpose: "MERCHANT_WITHDRAWAL" as const }];
  const [outcome] = await createHolds(billing, { service: "core", holds }, {});
  return outcome!.error === undefined ? "held" : reasonOf(outcome!.error);
}

async function pay(billing: Billing, holdIds: readonly string[]): Promise<void> {
  const holds = holdIds.map((holdId) => ({
    holdId,
    purpose: "MERCHANT_WITHDRAWAL" as const,
    bank: "main",
  }));
  const outcomes = await captureHolds(billing, { service: "core", holds }, {});
  expect(new Set(outcomes.map(({ state }) => state))).toEqual(new Set(["captured"]));
}

const countsOf = (outcomes: readonly (string | undefined)[]) =>
  Object.fromEntries(
    Map.groupBy(outcomes, (outcome) => outcome ?? "")
      .entries()
      .map(([key, all]) => [key, all.length]),
  );

async function expectSound(billing: Billing): Promise<void> {
  const accounts = await accountsOf(billing);
  const counters = accounts.flatMap((account) => [
    account.debitsPending,
    account.debitsPosted,
    account.creditsPending,
    account.creditsPosted,
  ]);
  expect(counters.filter((counter) => counter < 0n)).toEqual([]);
  expect(await unbalanced(billing)).toEqual([]);
  expect(await findFaults(billing.db)).toEqual([]);
}

test("L13 (a) thousands of withdrawals of a thousand merchants at once are all in the sums", async () => {
  await using world = await testBilling();
  const { billing } = world;
  await fillPool(billing, "5000000.00");
  const grants = Array.from({ length: 1000 }, async () => grant(billing, "1000.00"));
  const merchants = (await Promise.all(grants)).map(({ merchantId }) => merchantId);
  const wanted = Array.from({ length: COUNT }, (_, at) => ({
    holdId: newId(),
    merchantId: merchants[(at * 7) % merchants.length]!,
  }));
  const clients = Array.from({ length: 500 }, async (_, client) => {
    const own = wanted.filter((__, at) => at % 500 === client);
    for (const { merchantId, holdId } of own) {
      expect(await withdraw(billing, merchantId, holdId)).toBe("held");
      await pay(billing, [holdId]);
    }
  });
  await Promise.all(clients);
  const minor = BigInt(COUNT) * 100n;
  expect(await getPool(billing, {})).toEqual({
    availableMinor: 500_000_000n - minor,
    heldMinor: 0n,
    toppedUpMinor: 500_000_000n,
  });
  const credits = await Promise.all(merchants.map(async (id) => getCredit(billing, id, {})));
  expect(credits.reduce((sum, { utilizedMinor }) => sum + utilizedMinor, 0n)).toBe(minor);
  expect(new Set(credits.map(({ limitMinor }) => limitMinor))).toEqual(new Set([100_000n]));
  await expectSound(billing);
}, 30_000);

const COUNT = 3000;

test("L13 (b) of fifty withdrawals at once one gets the last of a merchant's credit", async () => {
  await using world = await testBilling();
  const { billing } = world;
  await fillPool(billing, "1000.00");
  const { merchantId } = await grant(billing, "1.00");
  const all = Array.from({ length: 50 }, async () => withdraw(billing, merchantId));
  expect(countsOf(await Promise.all(all))).toEqual({ held: 1, INSUFFICIENT_CREDIT: 49 });
  expect(await getCredit(billing, merchantId, {})).toMatchObject({
    availableMinor: 0n,
    heldMinor: 100n,
  });
  await expectSound(billing);
});

test("L13 (c) of fifty withdrawals at once ten get what the pool has", async () => {
  await using world = await testBilling();
  const { billing } = world;
  await fillPool(billing, "10.00");
  const merchants = await Promise.all(
    Array.from({ length: 3 }, async () => (await grant(billing, "1000.00")).merchantId),
  );
  const wanted = Array.from({ length: 50 }, (_, at) => ({
    holdId: newId(),
    merchantId: merchants[at % 3]!,
  }));
  const outcomes = await Promise.all(
    wanted.map(async ({ merchantId, holdId }) => withdraw(billing, merchantId, holdId)),
  );
  expect(countsOf(outcomes)).toEqual({ held: 10, POOL_EXHAUSTED: 40 });
  const held = wanted.filter((_, at) => outcomes[at] === "held").map(({ holdId }) => holdId);
  await pay(billing, held);
  const credits = await Promise.all(merchants.map(async (id) => getCredit(billing, id, {})));
  const sum = (read: (credit: (typeof credits)[number]) => bigint) =>
    credits.reduce((total, credit) => total + read(credit), 0n);
  expect(sum(({ utilizedMinor }) => utilizedMinor)).toBe(1000n);
  expect(sum(({ heldMinor }) => heldMinor)).toBe(0n);
  expect(await getPool(billing, {})).toMatchObject({ availableMinor: 0n, heldMinor: 0n });
  await expectSound(billing);
});
