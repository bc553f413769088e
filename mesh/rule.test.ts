import { expect, test } from "vitest";
import { Audience, RateClass, Replay } from "#gen/mizan/access/v1/access_pb.ts";
import { ruleOf } from "./rule.ts";
import { GuardedService } from "./testing/guarded-service.ts";

const { write, bare } = GuardedService.method;

test("AC-7 the rule of a method is read from its options, once", () => {
  expect(ruleOf(write)).toMatchObject({
    audience: new Set([Audience.PUBLIC]),
    callers: new Set(["sms"]),
    defaultTimeoutMs: 2000,
    maxTimeoutMs: 10_000,
    rateClass: RateClass.MONEY,
    replay: Replay.STORED,
  });
  expect(ruleOf(write)).toBe(ruleOf(write));
});

test("G24 a method without a rule has none", () => {
  expect(ruleOf(bare)).toBe(undefined);
});
