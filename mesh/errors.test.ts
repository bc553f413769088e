import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { isDecision, reasonOf, reasons, retryLater } from "./errors.ts";

const fail = reasons("shop", {
  SOLD_OUT: [Code.FailedPrecondition, "Only {left} of {article} are left."],
  AWAY: [Code.Unavailable, "The shop is closed."],
});

describe("reasons()", () => {
  test("an error has its code, its text with the values, and an ErrorInfo that repeats them", () => {
    const error = fail("SOLD_OUT", { left: 2n, article: "tea" });
    expect(error).toMatchObject({
      code: Code.FailedPrecondition,
      rawMessage: "Only 2 of tea are left.",
    });
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
      { reason: "SOLD_OUT", domain: "mizan.shop", metadata: { left: "2", article: "tea" } },
    ]);
  });

  test("a hole without a value stays visible", () => {
    expect(fail("SOLD_OUT").rawMessage).toBe("Only {left} of {article} are left.");
  });
});

describe("reasonOf()", () => {
  test("reads the reason of an error, before and after the wire", () => {
    const error = fail("AWAY");
    const received = new ConnectError("closed", Code.Unavailable);
    const value = toBinary(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "AWAY" }));
    received.details = [{ type: ErrorInfoSchema.typeName, value }];
    expect([error, received, new Error("AWAY")].map(reasonOf)).toEqual(["AWAY", "AWAY", undefined]);
  });
});

test("a delay is told in seconds outside and in milliseconds inside", () => {
  const { metadata } = retryLater(fail("AWAY"), 1200);
  expect(metadata.get("retry-after")).toBe("2");
  expect(metadata.get("grpc-retry-pushback-ms")).toBe("1200");
});

test("IDEM-7 a refusal is a decision, an outage is not", () => {
  expect([fail("SOLD_OUT"), fail("AWAY"), new Error("bug")].map(isDecision)).toEqual([
    true,
    false,
    false,
  ]);
});
