import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Hold_Purpose, HoldState } from "#gen/mizan/billing/v1/hold_pb.ts";
import { CreateHoldsRequestSchema } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { newId } from "#mesh/ids.ts";
import { testSms } from "./test-sms.ts";

test("the ledger of tests holds, captures and refunds as billing does", async () => {
  await using world = await testSms();
  const { ledger, sms } = world;
  const ownerId = newId();
  ledger.charge(ownerId, 100_00n);
  const holdId = newId();
  const hold = { holdId, ownerId, purpose: Hold_Purpose.SMS, reference: "" };
  const amount = (text: string) => ({ asset: "IRR", amount: text });
  const create1 = create(CreateHoldsRequestSchema, {
    requestId: "1",
    holds: [
      { ...hold, amount: amount("60.00") },
      { ...hold, holdId: newId(), amount: amount("40.01") },
    ],
  });
  const created = await sms.holds.createHolds(create1);
  expect(created.results.map(({ error, state }) => [error?.reason, state])).toEqual([
    [undefined, HoldState.HELD],
    ["INSUFFICIENT_FUNDS", HoldState.UNSPECIFIED],
  ]);
  ledger.charge(ownerId, 100_00n);
  const again = await sms.holds.createHolds(create1);
  expect(again.results[1]?.error?.reason).toBe("INSUFFICIENT_FUNDS"); // the id is used
  expect(ledger.available(ownerId)).toBe(140_00n);
  await sms.holds.captureHolds({ requestId: "2", captures: [{ holdId, amount: amount("50.00") }] });
  const refund = { refundId: newId(), holdId, amount: amount("20.00"), reference: "" };
  const refunds = [refund, refund, { ...refund, refundId: newId(), amount: amount("30.01") }];
  const refunded = await sms.holds.refundHolds({ requestId: "3", refunds });
  expect(refunded.results.map(({ error }) => error?.reason)).toEqual([
    undefined,
    undefined,
    "REFUND_EXCEEDED",
  ]);
  expect(ledger.available(ownerId)).toBe(170_00n);
  expect([ledger.paid(ownerId), ledger.held(ownerId)]).toEqual([30_00n, 0n]);
});
