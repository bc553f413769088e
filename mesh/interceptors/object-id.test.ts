import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { WithdrawalService } from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import { PayoutService } from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { OperationsService } from "#gen/mizan/settlement/v1/operations_service_pb.ts";
import { objectIdOf } from "./object-id.ts";

const one = "01890000-0000-7000-8000-000000000001";
const other = "01890000-0000-7000-8000-000000000002";
const { createWithdrawal, getWithdrawal } = WithdrawalService.method;
const { createPayout, createPayouts, listPayouts } = PayoutService.method;

function made<S extends DescMessage>(schema: S, init: MessageInitShape<S>) {
  return create(schema, init);
}

test("a call is about the first id of its request, which is not its key", () => {
  const request = made(createPayout.input, { requestId: other, payoutId: one, merchantId: other });
  expect(objectIdOf(createPayout, request)).toBe(one);
  const list = made(listPayouts.input, { merchantId: other });
  expect(objectIdOf(listPayouts, list)).toBe(other);
});

test("a call without an id is about the object of its answer", () => {
  const request = made(createWithdrawal.input, { requestId: "k1" });
  const answer = made(createWithdrawal.output, { withdrawal: { id: one } });
  expect([
    objectIdOf(createWithdrawal, request),
    objectIdOf(createWithdrawal, request, answer),
    objectIdOf(createWithdrawal, request, made(createWithdrawal.output, {})),
  ]).toEqual(["", one, ""]);
});

test("a batch is about its first object, and says how many more there are", () => {
  const batch = (...ids: string[]) =>
    made(createPayouts.input, { payouts: ids.map((payoutId) => ({ payoutId })) });
  expect(objectIdOf(createPayouts, batch(one))).toBe(one);
  expect(objectIdOf(createPayouts, batch(one, other, one))).toBe(`${one} +2`);
  expect(objectIdOf(createPayouts, batch())).toBe("");
  const { requeueDeadLetters: method } = OperationsService.method;
  const letters = made(method.input, { deadLetterIds: [one, other] });
  expect(objectIdOf(method, letters)).toBe(`${one} +1`);
});

test.each(["IR820540102680020817909002", "my password", "", `${one} `])(
  "S12 an id that is none of ours is not shown: %j",
  (withdrawalId) => {
    const request = made(getWithdrawal.input, { withdrawalId });
    expect(objectIdOf(getWithdrawal, request)).toBe("");
  },
);
