import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { hexOf, newId, ZERO_ID } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import { charge, newOwner, testBilling } from "../testing/test-billing.ts";
import { captureHolds } from "./capture-holds.ts";
import { createHolds } from "./create-holds.ts";
import { getBalance } from "./get-balance.ts";
import { listEntries } from "./list-entries.ts";
import { releaseHolds } from "./release-holds.ts";
import { createTransfers } from "./create-transfers.ts";
import { availableAccount } from "../domain/chart.ts";

const statement = async (billing: Billing, ownerId: string, pageSize = 0, pageToken = "") =>
  listEntries(billing, { ownerId, asset: "IRR", pageSize, pageToken }, {});

test("a statement shows each change, newest first, with the balance after it", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const ownerId = await newOwner(billing);
  await charge(billing, { userId: ownerId, amount: "100.00", reference: "cash" });
  const [taken, freed] = [newId(), newId()];
  const base = { ownerId, asset: "IRR", reference: "hello" };
  const holds = [
    { ...base, holdId: taken, amount: "40.00" },
    { ...base, holdId: freed, amount: "30.00" },
  ];
  await createHolds(billing, { service: "sms", holds }, {});
  const half = { holdId: taken, amount: { asset: "IRR", amount: "10.00" } };
  await captureHolds(billing, { service: "sms", holds: [half] }, {});
  await releaseHolds(billing, { service: "sms", holds: [{ holdId: freed }] }, {});
  const { rows } = await statement(billing, ownerId);
  const lines = rows.map(({ type, side, amountMinor, balance, reference }) => {
    return [type, side, amountMinor, balance.availableMinor, balance.heldMinor, reference];
  });
  expect(lines).toEqual([
    ["hold_release", "none", 30_00n, 90_00n, 0n, "hello"],
    ["sms_deduction", "debit", 10_00n, 60_00n, 30_00n, "hello"],
    ["hold", "none", 30_00n, 30_00n, 70_00n, "hello"],
    ["hold", "none", 40_00n, 60_00n, 40_00n, "hello"],
    ["charge", "credit", 100_00n, 100_00n, 0n, "cash"],
  ]);
});

test("the fold of a statement is the balance, page by page, while entries are added", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const [ownerId, otherId] = [await newOwner(billing, "99.00"), await newOwner(billing, "99.00")];
  const asset = billing.assets.byCode("IRR")!;
  const transfers = Array.from({ length: 30 }, (_, at) => {
    const [from, to] = at % 3 === 2 ? [otherId, ownerId] : [ownerId, otherId];
    const debitAccountId = availableAccount(from, asset).id;
    const creditAccountId = availableAccount(to, asset).id;
    const rest = { pendingId: ZERO_ID, timeoutSeconds: 0, code: 100, flags: 0, userData: ZERO_ID };
    const money = { asset: "IRR", amount: `${at % 7}.50`, isAll: false };
    return {
      id: hexOf(newId()),
      debitAccountId,
      creditAccountId,
      ...rest,
      ...money,
    };
  });
  await createTransfers(billing, transfers, {});
  const rows = [];
  for (let pageToken = "first"; pageToken !== "";) {
    const page = await statement(billing, ownerId, 7, pageToken === "first" ? "" : pageToken);
    rows.push(...page.rows);
    pageToken = page.nextPageToken;
    await charge(billing, { userId: ownerId }); // no page shows what came after the first
  }
  expect(rows).toHaveLength(31);
  const inOrder = rows.toReversed();
  let foldedMinor = 0n;
  for (const { side, amountMinor, balance } of inOrder) {
    foldedMinor += side === "credit" ? amountMinor : -amountMinor;
    expect(balance.availableMinor).toBe(foldedMinor);
  }
  expect(new Set(rows.map(({ id }) => id)).size).toBe(31);
  const balance = await getBalance(billing, { ownerId, asset: "IRR" }, {});
  expect(balance.availableMinor).toBe(foldedMinor + 5_00n);
});

test("a statement has nothing of an asset that the owner never had", async () => {
  await using world = await testBilling();
  const { billing } = world;
  expect(await statement(billing, newId())).toEqual({ rows: [], nextPageToken: "" });
});

test("the token of another list, or of nobody, is refused", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const [one, other] = [await newOwner(billing), await newOwner(billing)];
  for (const userId of [one, one, other, other]) await charge(billing, { userId });
  const { nextPageToken } = await statement(billing, one, 1);
  for (const token of [nextPageToken, "nonsense"]) {
    const refusal = await statement(billing, other, 1, token).catch((error: unknown) => error);
    expect(reasonOf(refusal)).toBe("INVALID_PAGE_TOKEN");
  }
});

test("money that others hold for the owner is no entry until it arrives", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const [from, to] = [await newOwner(billing, "10.00"), await newOwner(billing)];
  const asset = billing.assets.byCode("IRR")!;
  const pending = {
    id: hexOf(newId()),
    debitAccountId: availableAccount(from, asset).id,
    creditAccountId: availableAccount(to, asset).id,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    code: 100,
    flags: 2,
    userData: ZERO_ID,
    asset: "IRR",
    amount: "4.00",
    isAll: false,
  };
  await createTransfers(billing, [pending], {});
  expect((await statement(billing, to)).rows).toEqual([]);
  const post = { ...pending, id: hexOf(newId()), pendingId: pending.id, flags: 4, amount: "3.00" };
  await createTransfers(billing, [post], {});
  const { rows } = await statement(billing, to);
  expect(rows).toMatchObject([
    { type: "transfer", side: "credit", amountMinor: 3_00n, balance: { availableMinor: 3_00n } },
  ]);
});
