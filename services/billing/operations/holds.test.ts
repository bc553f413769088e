import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { newOwner, testBilling } from "../testing/test-billing.ts";
import { findFaults, testWriter } from "../testing/test-ledger.ts";
import type { Billing } from "../context.ts";
import { captureHolds } from "./capture-holds.ts";
import { createHolds } from "./create-holds.ts";
import type { EndedHold } from "./end-holds.ts";
import { getBalance } from "./get-balance.ts";
import type { HoldOutcome } from "./hold-outcome.ts";
import { listBalances } from "./list-balances.ts";
import type { Hold } from "./read-hold.ts";
import { releaseHolds } from "./release-holds.ts";

const holdOf = (ownerId: string, amount: string, rest: Partial<Hold> = {}): Hold => {
  return { holdId: newId(), ownerId, asset: "IRR", amount, reference: "", ...rest };
};
const hold = async (billing: Billing, ...holds: Hold[]) =>
  createHolds(billing, { service: "sms", holds }, {});
const capture = async (billing: Billing, ...holds: EndedHold[]) =>
  captureHolds(billing, { service: "sms", holds }, {});
const release = async (billing: Billing, ...holds: EndedHold[]) =>
  releaseHolds(billing, { service: "sms", holds }, {});
const all = ({ holdId }: Hold): EndedHold => ({ holdId });
const irr = (amount: string) => ({ asset: "IRR", amount });
const shown = ({ state, error, captured }: HoldOutcome) => [
  state,
  reasonOf(error),
  captured?.amountMinor,
];
const balanceOf = async (billing: Billing, ownerId: string) => {
  const balance = await getBalance(billing, { ownerId, asset: "IRR" }, {});
  return [balance.availableMinor, balance.heldMinor];
};

test("FLOW-2 FLOW-3 a hold is captured by half, and the rest is free again", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const owner = await newOwner(billing, "100.00");
  const sms = holdOf(owner, "40.00");
  expect((await hold(billing, sms)).map(shown)).toEqual([["held", undefined, undefined]]);
  expect(await balanceOf(billing, owner)).toEqual([60_00n, 40_00n]);
  const half = { holdId: sms.holdId, amount: irr("20.00") };
  expect((await capture(billing, half)).map(shown)).toEqual([["captured", undefined, 20_00n]]);
  expect(await balanceOf(billing, owner)).toEqual([80_00n, 0n]);
  expect(await findFaults(db)).toEqual([]);
});

test("FLOW-4 a hold is released, whole", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const owner = await newOwner(billing, "100.00");
  const sms = holdOf(owner, "40.00");
  await hold(billing, sms);
  expect((await release(billing, all(sms))).map(shown)).toEqual([
    ["released", undefined, undefined],
  ]);
  expect(await balanceOf(billing, owner)).toEqual([100_00n, 0n]);
  expect(await findFaults(db)).toEqual([]);
});

test("a hold whose time is over is free at the next look, and can be neither taken nor freed", async () => {
  await using world = await testBilling();
  const { billing, db, time } = world;
  const owner = await newOwner(billing, "100.00");
  const inAnHour = (Date.now() + 3_600_000) * 1000;
  const [first, second] = [
    holdOf(owner, "40.00", { expiresAtUs: inAnHour }),
    holdOf(owner, "30.00", { expiresAtUs: inAnHour }),
  ];
  await hold(billing, first, second);
  time.aheadMs = 3_700_000;
  expect(await balanceOf(billing, owner)).toEqual([100_00n, 0n]);
  expect((await capture(billing, all(first))).map(shown)).toEqual([
    ["expired", "HOLD_EXPIRED", undefined],
  ]);
  expect((await release(billing, all(second))).map(shown)).toEqual([
    ["expired", "HOLD_EXPIRED", undefined],
  ]);
  expect(await findFaults(db)).toEqual([]);
});

test("a hold that would end before it begins, or beyond all time, is refused by itself", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const owner = await newOwner(billing, "100.00");
  const nowUs = Date.now() * 1000;
  const ending = (expiresAtUs: number) => holdOf(owner, "10.00", { expiresAtUs });
  const past = ending(nowUs - 60_000_000);
  const endOfTimeUs = Number.MAX_SAFE_INTEGER;
  const outcomes = await hold(
    billing,
    past,
    ending(0),
    ending(endOfTimeUs + 1),
    ending(253_402_300_799 * 1_000_000), // in the year 9999
    ending(endOfTimeUs - 2_000_000),
  );
  expect(outcomes.map(({ error }) => reasonOf(error))).toEqual([
    "EXPIRE_TIME_OUT_OF_RANGE",
    "EXPIRE_TIME_OUT_OF_RANGE",
    "EXPIRE_TIME_OUT_OF_RANGE",
    "EXPIRE_TIME_OUT_OF_RANGE",
    undefined,
  ]);
  expect(await balanceOf(billing, owner)).toEqual([90_00n, 10_00n]);
  const right = { ...past, expiresAtUs: nowUs + 3_600_000_000 };
  expect((await hold(billing, right)).map(shown)).toEqual([["held", undefined, undefined]]);
  expect(await findFaults(db)).toEqual([]);
});

test("IDEM-1 IDEM-3 a hold that comes again after its time has the answer of its first time", async () => {
  await using world = await testBilling();
  const { billing, time } = world;
  const owner = await newOwner(billing, "50.00");
  const expiresAtUs = (Date.now() + 3_600_000) * 1000;
  const batch = ["40.00", "40.00"].map((amount) => holdOf(owner, amount, { expiresAtUs }));
  const refused = ["unknown", "INSUFFICIENT_FUNDS", undefined];
  expect((await hold(billing, ...batch)).map(shown)).toEqual([
    ["held", undefined, undefined],
    refused,
  ]);
  time.aheadMs = 3_700_000;
  expect((await hold(billing, ...batch)).map(shown)).toEqual([
    ["expired", undefined, undefined],
    refused,
  ]);
});

test("ACC-3 L08 five of six holds fit, whoever asks at the same time", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const owner = await newOwner(billing, "50.00");
  const holds = Array.from({ length: 6 }, () => holdOf(owner, "10.00"));
  const outcomes = (await Promise.all(holds.map(async (one) => hold(billing, one)))).flat();
  const refused = outcomes.flatMap(({ error }) => reasonOf(error) ?? []);
  expect(refused).toEqual(["INSUFFICIENT_FUNDS"]);
  expect(await balanceOf(billing, owner)).toEqual([0n, 50_00n]);
});

test("each hold of a batch stands or falls for itself", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const owner = await newOwner(billing, "50.00");
  const outcomes = await hold(
    billing,
    holdOf(owner, "20.00"),
    holdOf(owner, "40.00"),
    holdOf(newId(), "1.00"),
    holdOf(owner, "1.001"),
    holdOf(owner, "1.00", { asset: "USDT" }),
    holdOf(owner, "0.00"),
    holdOf(owner, "30.00"),
  );
  expect(outcomes.map(({ error }) => reasonOf(error))).toEqual([
    undefined,
    "INSUFFICIENT_FUNDS",
    "OWNER_NOT_FOUND",
    "INVALID_AMOUNT",
    "ASSET_NOT_ACCEPTED",
    "INVALID_AMOUNT",
    undefined,
  ]);
});

test("a retry is answered like the first time, refusals too, also by a new writer", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const owner = await newOwner(billing, "50.00");
  const stranger = newId();
  const batch = [holdOf(owner, "20.00"), holdOf(owner, "40.00"), holdOf(stranger, "1.00")];
  const first = (await hold(billing, ...batch)).map(shown);
  expect((await hold(billing, ...batch)).map(shown)).toEqual(first);
  await using writer = await testWriter(db.url);
  const late = { ...billing, writer };
  expect((await hold(late, ...batch)).map(shown)).toEqual(first);
  const half = { holdId: batch[0]!.holdId, amount: irr("5.00") };
  const taken = [["captured", undefined, 5_00n]];
  expect((await capture(late, half)).map(shown)).toEqual(taken);
  expect((await capture(late, half)).map(shown)).toEqual(taken);
  expect((await hold(late, batch[0]!)).map(shown)).toEqual(taken);
  expect(await findFaults(db)).toEqual([]);
});

test("a hold id with another content is refused, and the hold stays as it was", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const owner = await newOwner(billing, "50.00");
  const sms = holdOf(owner, "20.00");
  await hold(billing, sms);
  const [other] = await hold(billing, { ...sms, amount: "21.00" });
  expect(shown(other!)).toEqual(["unknown", "HOLD_ID_REUSED", undefined]);
  expect(await balanceOf(billing, owner)).toEqual([30_00n, 20_00n]);
});

test("TRF-3 a hold ends once: what was captured is not released, and the other way round", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const owner = await newOwner(billing, "50.00");
  const [taken, freed] = [holdOf(owner, "10.00"), holdOf(owner, "20.00")];
  await hold(billing, taken, freed);
  await capture(billing, all(taken));
  await release(billing, all(freed));
  expect((await release(billing, all(taken))).map(shown)).toEqual([
    ["captured", "HOLD_ALREADY_CAPTURED", 10_00n],
  ]);
  expect((await capture(billing, all(freed))).map(shown)).toEqual([
    ["released", "HOLD_ALREADY_RELEASED", undefined],
  ]);
  expect((await capture(billing, { ...taken, amount: irr("5.00") })).map(shown)).toEqual([
    ["captured", "HOLD_ALREADY_CAPTURED", 10_00n],
  ]);
  expect(await balanceOf(billing, owner)).toEqual([40_00n, 0n]);
  expect(await findFaults(db)).toEqual([]);
});

test("a capture beyond the hold, or in another asset, is refused and can be made right", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const owner = await newOwner(billing, "50.00");
  const { holdId } = holdOf(owner, "10.00");
  await hold(billing, holdOf(owner, "10.00", { holdId }));
  const outcomes = await capture(
    billing,
    { holdId, amount: irr("10.01") },
    { holdId, amount: { asset: "USDT", amount: "1" } },
    { holdId, amount: { asset: "XYZ", amount: "1" } },
    { holdId: newId() },
    { holdId, amount: irr("10.00") },
  );
  expect(outcomes.map(({ error }) => reasonOf(error))).toEqual([
    "HOLD_EXCEEDED",
    "ASSET_NOT_ACCEPTED",
    "UNKNOWN_ASSET",
    "HOLD_NOT_FOUND",
    undefined,
  ]);
});

test.each(["9.99", "10.01", "0.00"])(
  "a release of %s of a hold of 10.00 is refused",
  async (amount) => {
    await using world = await testBilling();
    const { billing } = world;
    const owner = await newOwner(billing, "50.00");
    const sms = holdOf(owner, "10.00");
    await hold(billing, sms);
    const [wrong] = await release(billing, { ...sms, amount: irr(amount) });
    expect(shown(wrong!)).toEqual(["held", "HOLD_AMOUNT_DIFFERS", undefined]);
    const [right] = await release(billing, { ...sms, amount: irr("10.00") });
    expect(shown(right!)).toEqual(["released", undefined, undefined]);
  },
);

test.each(["core", "matching", "settlement"])(
  "HOLD-2 %s may not touch the holds of sms",
  async (service) => {
    await using world = await testBilling();
    const { billing } = world;
    const owner = await newOwner(billing, "50.00");
    const sms = holdOf(owner, "10.00");
    await hold(billing, sms);
    const call = { service, holds: [{ holdId: sms.holdId, purpose: "SMS" }] };
    for (const operation of [createHolds, captureHolds, releaseHolds]) {
      const [outcome] = await operation(billing, call as never, {});
      expect(shown(outcome!)).toEqual(["unknown", "NOT_YOUR_PURPOSE", undefined]);
    }
    expect(await listBalances(billing, owner, {})).toMatchObject([{ heldMinor: 10_00n }]);
  },
);

test("HOLD-2 a service without a purpose may not touch any hold", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const call = { service: "console", holds: [] };
  for (const operation of [createHolds, captureHolds, releaseHolds]) {
    const refusal = await operation(billing, call, {}).catch((error: unknown) => error);
    expect(reasonOf(refusal)).toBe("NOT_ALLOWED");
  }
});

test("a hold that is released before it comes is never made: nobody would end it", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const owner = await newOwner(billing, "100.00");
  const late = holdOf(owner, "40.00");
  expect((await release(billing, all(late))).map(shown)).toEqual([
    ["unknown", "HOLD_NOT_FOUND", undefined],
  ]);
  for (const attempt of [1, 2]) {
    expect([attempt, ...(await hold(billing, late)).map(shown)]).toEqual([
      attempt,
      ["unknown", "HOLD_ALREADY_RELEASED", undefined],
    ]);
  }
  expect((await release(billing, all(late))).map(shown)).toEqual([
    ["unknown", "HOLD_NOT_FOUND", undefined],
  ]);
  expect(await balanceOf(billing, owner)).toEqual([100_00n, 0n]);
  expect(await findFaults(db)).toEqual([]);
});
