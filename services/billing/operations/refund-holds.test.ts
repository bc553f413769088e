import { expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { reasonOf } from "#mesh/errors.ts";
import { hexOf, newId } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import { smsRevenueAccount } from "../domain/chart.ts";
import { sms } from "../domain/flows/sms.ts";
import { lossyProxy } from "../testing/lossy-proxy.ts";
import { newOwner, testBilling } from "../testing/test-billing.ts";
import { findFaults, testWriter } from "../testing/test-ledger.ts";
import type { Turn } from "../writer/work.ts";
import { captureHolds } from "./capture-holds.ts";
import { createHolds } from "./create-holds.ts";
import { getBalance } from "./get-balance.ts";
import { listEntries } from "./list-entries.ts";
import { type Refund, refundHolds, type RefundOutcome } from "./refund-holds.ts";
import { releaseHolds } from "./release-holds.ts";
import { revertTransfer } from "./revert-transfer.ts";

const service = "sms";

/** Holds some money of an owner; returns the id of the hold. */
async function held(billing: Billing, ownerId: string, amount: string): Promise<string> {
  const hold = { holdId: newId(), ownerId, asset: "IRR", amount, reference: "" };
  const [outcome] = await createHolds(billing, { service, holds: [hold] }, {});
  expect(outcome?.state).toBe("held");
  return hold.holdId;
}

/** The same, and captures all of it, or as much as is named. */
async function captured(billing: Billing, ownerId: string, amount: string, taken = amount) {
  const holdId = await held(billing, ownerId, amount);
  const hold = { holdId, amount: { asset: "IRR", amount: taken } };
  const [outcome] = await captureHolds(billing, { service, holds: [hold] }, {});
  expect(outcome?.state).toBe("captured");
  return holdId;
}

const refundOf = (holdId: string, amount: string, rest: Partial<Refund> = {}): Refund => {
  return { refundId: newId(), holdId, asset: "IRR", amount, reference: "", ...rest };
};
const giveBack = async (billing: Billing, ...refunds: Refund[]) =>
  refundHolds(billing, { service, refunds }, {});
const shown = ({ error, refunded }: RefundOutcome) => reasonOf(error) ?? refunded?.amountMinor;
const available = async (billing: Billing, ownerId: string) =>
  (await getBalance(billing, { ownerId, asset: "IRR" }, {})).availableMinor;

/** What is pending for, debited from and credited to the revenue. */
async function revenue({ writer, assets }: Billing) {
  const { id } = smsRevenueAccount(assets.byCode("IRR")!);
  const decide = ({ ledger }: Turn) => {
    const { creditsPending, debitsPosted, creditsPosted } = ledger.account(id)!;
    return [creditsPending, debitsPosted, creditsPosted];
  };
  return writer.submit({ eventCount: 1, decide });
}

test("FLOW-5 a refund gives captured money back to the owner of the hold", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const ownerId = await newOwner(billing, "100.00");
  const holdId = await captured(billing, ownerId, "40.00");
  const refund = refundOf(holdId, "15.00", { reference: "message 7" });
  const outcomes = await giveBack(billing, refund);
  expect(outcomes).toEqual([
    { refundId: refund.refundId, refunded: { ledger: 1, amountMinor: 15_00n } },
  ]);
  expect(await available(billing, ownerId)).toBe(75_00n);
  expect(await revenue(billing)).toEqual([0n, 15_00n, 40_00n]);
  const list = { ownerId, asset: "IRR", pageSize: 2, pageToken: "" };
  const { rows } = await listEntries(billing, list, {});
  expect(rows).toMatchObject([
    { type: "refund", side: "credit", amountMinor: 15_00n, reference: "message 7" },
    { type: "sms_deduction", side: "debit", amountMinor: 40_00n },
  ]);
  expect(rows[0]?.balance).toMatchObject({ availableMinor: 75_00n, heldMinor: 0n });
  expect(await findFaults(db)).toEqual([]);
});

test("FLOW-5 IDEM-1 a refund that comes again has its answer, and no second effect", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const ownerId = await newOwner(billing, "100.00");
  const holdId = await captured(billing, ownerId, "40.00");
  const refund = refundOf(holdId, "10.00");
  expect((await giveBack(billing, refund, refund)).map(shown)).toEqual([10_00n, 10_00n]);
  const rest = refundOf(holdId, "30.00"); // which is there as long as each is counted once
  expect((await giveBack(billing, rest)).map(shown)).toEqual([30_00n]);
  const calls = Array.from({ length: 20 }, async () => giveBack(billing, refund));
  expect(new Set((await Promise.all(calls)).flat().map(shown))).toEqual(new Set([10_00n]));
  await using writer = await testWriter(db.url); // which has nothing of it in memory
  const late = { ...billing, writer };
  expect((await giveBack(late, refund, rest)).map(shown)).toEqual([10_00n, 30_00n]);
  expect(await available(late, ownerId)).toBe(100_00n);
  expect(await findFaults(db)).toEqual([]);
});

test("FLOW-5 the id of a refund with another content is refused, and the refund stays", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const ownerId = await newOwner(billing, "100.00");
  const holdId = await captured(billing, ownerId, "40.00");
  const refund = refundOf(holdId, "10.00");
  await giveBack(billing, refund);
  const outcomes = await giveBack(
    billing,
    { ...refund, amount: "11.00" },
    { ...refund, holdId: await captured(billing, ownerId, "5.00") },
    { ...refund, holdId: newId() },
    { ...refund, asset: "USDT", amount: "0.001" },
  );
  expect(new Set(outcomes.map(shown))).toEqual(new Set(["REFUND_ID_REUSED"]));
  expect(await available(billing, ownerId)).toBe(65_00n);
});

test("each refund of a batch stands or falls for itself", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const ownerId = await newOwner(billing, "100.00");
  const holdId = await captured(billing, ownerId, "10.00");
  const outcomes = await giveBack(
    billing,
    refundOf(newId(), "1.00"),
    refundOf(await held(billing, ownerId, "10.00"), "1.00"),
    refundOf(holdId, "0.00"),
    refundOf(holdId, "1.001"),
    refundOf(holdId, "1.00", { asset: "USDT" }),
    refundOf(holdId, "1.00", { asset: "XYZ" }),
    refundOf(holdId, "10.01"),
    refundOf(holdId, "10.00"),
  );
  expect(outcomes.map(shown)).toEqual([
    "HOLD_NOT_FOUND",
    "HOLD_NOT_CAPTURED",
    "INVALID_AMOUNT",
    "INVALID_AMOUNT",
    "ASSET_NOT_ACCEPTED",
    "UNKNOWN_ASSET",
    "REFUND_EXCEEDED",
    10_00n,
  ]);
  expect(await findFaults(db)).toEqual([]);
});

test("a hold that was released, or has expired, has nothing to refund", async () => {
  await using world = await testBilling();
  const { billing, time } = world;
  const ownerId = await newOwner(billing, "100.00");
  const freed = await held(billing, ownerId, "10.00");
  await releaseHolds(billing, { service, holds: [{ holdId: freed }] }, {});
  const timed = newId();
  const hold = { holdId: timed, ownerId, asset: "IRR", amount: "10.00", reference: "" };
  const holds = [{ ...hold, expiresAtUs: (Date.now() + 3_600_000) * 1000 }];
  await createHolds(billing, { service, holds }, {});
  time.aheadMs = 3_700_000;
  const outcomes = await giveBack(billing, refundOf(freed, "1.00"), refundOf(timed, "1.00"));
  expect(outcomes.map(shown)).toEqual(["HOLD_NOT_CAPTURED", "HOLD_NOT_CAPTURED"]);
  expect(await available(billing, ownerId)).toBe(100_00n);
});

test("a refund that overtook its capture is refused, and made when it comes again", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const ownerId = await newOwner(billing, "100.00");
  const holdId = await held(billing, ownerId, "40.00");
  const refund = refundOf(holdId, "40.00");
  expect((await giveBack(billing, refund)).map(shown)).toEqual(["HOLD_NOT_CAPTURED"]);
  await captureHolds(billing, { service, holds: [{ holdId }] }, {});
  expect((await giveBack(billing, refund)).map(shown)).toEqual([40_00n]);
});

test("MON-7 the refunds of a chunk never exceed what was captured, whoever asks", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const ownerId = await newOwner(billing, "100.00");
  const holdId = await captured(billing, ownerId, "90.00", "50.00"); // a part of what was held
  const oneCall = await giveBack(
    billing,
    refundOf(holdId, "50.01"),
    refundOf(holdId, "20.00"),
    refundOf(holdId, "30.01"),
  );
  expect(oneCall.map(shown)).toEqual(["REFUND_EXCEEDED", 20_00n, "REFUND_EXCEEDED"]);
  const calls = Array.from({ length: 8 }, async () => giveBack(billing, refundOf(holdId, "10.00")));
  const answers = (await Promise.all(calls)).flat().map(shown);
  expect(answers.filter((answer) => answer === 10_00n)).toHaveLength(3);
  expect(answers.filter((answer) => answer === "REFUND_EXCEEDED")).toHaveLength(5);
  expect(await available(billing, ownerId)).toBe(100_00n);
  expect(await findFaults(db)).toEqual([]);
});

test("what was refunded is known to a writer that has forgotten it, and to the next one", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const ownerId = await newOwner(billing, "100.00");
  const holdId = await captured(billing, ownerId, "50.00");
  const first = refundOf(holdId, "30.00");
  await giveBack(billing, first);
  await using writer = await testWriter(db.url, { recentTransfers: 1 });
  const late = { ...billing, writer };
  const beyond = refundOf(holdId, "20.01");
  expect((await giveBack(late, beyond, first)).map(shown)).toEqual(["REFUND_EXCEEDED", 30_00n]);
  expect((await giveBack(late, refundOf(holdId, "15.00"))).map(shown)).toEqual([15_00n]);
  for (let round = 0; round < 4; round += 1) await captured(late, ownerId, "0.01");
  const outcomes = await giveBack(late, refundOf(holdId, "5.01"), refundOf(holdId, "5.00"));
  expect(outcomes.map(shown)).toEqual(["REFUND_EXCEEDED", 5_00n]);
  expect(await available(late, ownerId)).toBe(99_96n);
  expect(await findFaults(db)).toEqual([]);
});

/** Takes the capture of a hold back, as core may. */
async function reverted(billing: Billing, holdId: string) {
  const revert = { id: hexOf(newId()), originalId: sms.ids(holdId, 0).capture };
  return (await revertTransfer(billing, revert, {})).status;
}

/** Billing as it is, and with a writer that knows only what is stored. */
async function* nowAndLate({ billing, db }: Awaited<ReturnType<typeof testBilling>>) {
  yield billing;
  await using writer = await testWriter(db.url, { recentTransfers: 1 });
  yield { ...billing, writer };
}

test("MON-7 EXT-3 of a capture that was reverted nothing is refunded, by any writer", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const ownerId = await newOwner(billing, "100.00");
  const holdId = await captured(billing, ownerId, "40.00");
  expect(await reverted(billing, holdId)).toBe("created");
  for await (const one of nowAndLate(world)) {
    const [outcome] = await giveBack(one, refundOf(holdId, "0.01"));
    expect(shown(outcome!)).toBe("REFUND_EXCEEDED");
    expect(outcome?.error?.message).toContain("the 0.00 that can still be refunded");
    expect(await available(one, ownerId)).toBe(100_00n);
  }
  expect(await findFaults(db)).toEqual([]);
});

test("MON-7 EXT-3 a capture of which a part was refunded is not reverted, by any writer", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const ownerId = await newOwner(billing, "100.00");
  const holdId = await captured(billing, ownerId, "40.00");
  expect((await giveBack(billing, refundOf(holdId, "0.01"))).map(shown)).toEqual([1n]);
  for await (const one of nowAndLate(world)) {
    expect(await reverted(one, holdId)).toBe("original_not_revertible");
    expect(await available(one, ownerId)).toBe(60_01n);
  }
  expect(await findFaults(db)).toEqual([]);
});

test("L8 a refund whose commit has no answer is made once, and counted once", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const ownerId = await newOwner(billing, "100.00");
  await using proxy = await lossyProxy(db.url);
  await using writer = await testWriter(proxy.url);
  const unlucky = { ...billing, writer };
  const holdId = await captured(unlucky, ownerId, "50.00");
  proxy.loseAnswersTo("ledger_commit");
  expect((await giveBack(unlucky, refundOf(holdId, "30.00"))).map(shown)).toEqual([30_00n]);
  expect(proxy.lostAnswers()).toBe(1);
  const outcomes = await giveBack(unlucky, refundOf(holdId, "20.01"), refundOf(holdId, "20.00"));
  expect(outcomes.map(shown)).toEqual(["REFUND_EXCEEDED", 20_00n]);
  expect(await available(unlucky, ownerId)).toBe(100_00n);
  expect(await findFaults(db)).toEqual([]);
});

test("the worked example of a refund in docs/ledger.md is true", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const ownerId = await newOwner(billing, "1000.00");
  const seen = async () => [await available(billing, ownerId), ...(await revenue(billing))];
  const holdId = await held(billing, ownerId, "300.00");
  expect(await seen()).toEqual([700_00n, 300_00n, 0n, 0n]);
  const one = refundOf(holdId, "100.00");
  expect((await giveBack(billing, one)).map(shown)).toEqual(["HOLD_NOT_CAPTURED"]);
  const part = { holdId, amount: { asset: "IRR", amount: "200.00" } };
  await captureHolds(billing, { service, holds: [part] }, {});
  expect(await seen()).toEqual([800_00n, 0n, 0n, 200_00n]);
  const beyond = refundOf(holdId, "100.01");
  const outcomes = await giveBack(billing, one, one, { ...one, amount: "50.00" }, beyond);
  expect(outcomes.map(shown)).toEqual([100_00n, 100_00n, "REFUND_ID_REUSED", "REFUND_EXCEEDED"]);
  expect(outcomes[3]?.error?.message).toContain("the 100.00 that can still be refunded");
  const [freed] = await releaseHolds(billing, { service, holds: [{ holdId }] }, {});
  expect(reasonOf(freed?.error)).toBe("HOLD_ALREADY_CAPTURED");
  expect(await seen()).toEqual([900_00n, 0n, 100_00n, 200_00n]);
});

test("WR-2 a thousand refunds in one call are one commit", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const ownerId = await newOwner(billing, "100.00");
  const holdId = await captured(billing, ownerId, "100.00");
  const refunds = Array.from({ length: 1000 }, () => refundOf(holdId, "0.10"));
  await using reader = await openConnection({ url: db.url, name: "test" });
  const commits = async () => {
    const [row] = await reader.query<{ epoch: number; count: number }>(
      "select (select epoch from ledger_shard), (select count(*) from ledger_commit) as count",
    );
    return row!;
  };
  const before = await commits();
  const outcomes = await giveBack(billing, ...refunds);
  expect(new Set(outcomes.map(shown))).toEqual(new Set([10n]));
  expect(outcomes.map(({ refundId }) => refundId)).toEqual(refunds.map((one) => one.refundId));
  expect(await commits()).toEqual({ epoch: before.epoch, count: before.count + 1 });
  expect(await available(billing, ownerId)).toBe(100_00n);
});

test.each([
  ["core", { bank: "main" }, "HOLD_NOT_FOUND"], // of its own purpose
  ["core", { purpose: "SMS" }, "NOT_YOUR_PURPOSE"],
  ["matching", {}, "HOLD_NOT_REFUNDABLE"],
  ["matching", { purpose: "ORDER" }, "HOLD_NOT_REFUNDABLE"],
  ["settlement", { purpose: "CHAIN_WITHDRAWAL" }, "HOLD_NOT_REFUNDABLE"],
  ["sms", { purpose: "MERCHANT_WITHDRAWAL" }, "NOT_YOUR_PURPOSE"],
  ["sms", { bank: "main" }, "HOLD_FIELD_NOT_ACCEPTED"],
] as const)("HOLD-2 %s may not refund with %j what sms captured", async (by, rest, reason) => {
  await using world = await testBilling();
  const { billing } = world;
  const ownerId = await newOwner(billing, "50.00");
  const refunds = [refundOf(await captured(billing, ownerId, "10.00"), "10.00", rest)];
  const [outcome] = await refundHolds(billing, { service: by, refunds }, {});
  expect(reasonOf(outcome?.error)).toBe(reason);
  expect(await available(billing, ownerId)).toBe(40_00n);
});
