import { create } from "@bufbuild/protobuf";
import type { Interceptor, StreamRequest } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import {
  WatchWithdrawalRequestSchema,
  WithdrawalService,
} from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import type { CallRecord } from "../call-record.ts";
import { fail } from "../reasons.ts";
import { testLog } from "../testing/log.ts";
import { wires } from "../testing/wires.ts";
import { errors } from "./errors.ts";
import { firstMessage } from "./first-message.ts";
import { logCalls } from "./log.ts";

const withdrawalId = "01890000-0000-7000-8000-000000000001";
const refuseAll: Interceptor = () => async () => {
  throw fail("NOT_ALLOWED", { caller: "Maryam" });
};

describe.each(["grpc", "connect"] as const)("over %s", (wire) => {
  test.each<[what: string, around: Interceptor[], reason: string]>([
    ["refused before it is read", [refuseAll], "NOT_ALLOWED"],
    ["that is answered", [], ""],
  ])("GATE-1 a stream %s is logged with what it asks for", async (_, around, reason) => {
    const calls: CallRecord[] = [];
    const heard: string[] = [];
    const watch = async function* watch(request: { withdrawalId: string }) {
      heard.push(request.withdrawalId);
      yield {};
    };
    await using served = await wires[wire]({
      service: WithdrawalService,
      implementation: { watchWithdrawal: watch },
      interceptors: [errors, logCalls(testLog(), (call) => calls.push(call)), ...around],
    });
    await Array.fromAsync(served.client.watchWithdrawal({ withdrawalId })).catch(() => []);
    await expect.poll(() => calls).toMatchObject([{ objectId: withdrawalId, reason }]);
    expect(heard).toEqual(reason === "" ? [withdrawalId] : []);
  });
});

test("a request that is slow holds no call up for long, and is read when it comes", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const message = create(WatchWithdrawalRequestSchema, { withdrawalId });
  const slow = async function* slow() {
    await promise;
    yield message;
  };
  const method = WithdrawalService.method.watchWithdrawal;
  const given = { stream: true, method, message: slow() } as unknown as StreamRequest;
  const { request, asked } = await firstMessage(given);
  expect(asked).toBeUndefined();
  resolve();
  expect(await Array.fromAsync((request as StreamRequest).message)).toEqual([message]);
});
