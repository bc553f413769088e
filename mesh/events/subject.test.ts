import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { eventIdOf, replayId } from "./headers.ts";
import { bucketToken, streamOf, streamOfEvent, subjectOf, subjectsOf } from "./subject.ts";

test("a subject is the full name of the type and a token of the key", () => {
  expect(subjectOf(StringValueSchema, "BTC-USDT")).toBe("google.protobuf.StringValue.BTC-USDT");
  expect(subjectsOf(StringValueSchema)).toBe("google.protobuf.StringValue.>");
});

test.each(["", "a.b", "*", ">", "a b", "x".repeat(65)])("%j is no token of a subject", (token) => {
  expect(() => subjectOf(StringValueSchema, token)).toThrow("can't be a token");
});

test("a package has one stream, whatever its version", () => {
  expect(streamOf("mizan.billing.v1")).toBe("MIZAN_BILLING");
  expect(streamOf("mizan.billing.v2")).toBe("MIZAN_BILLING");
  expect(streamOfEvent(StringValueSchema)).toBe("GOOGLE_PROTOBUF");
});

test("keys of which there are many share 16 tokens", () => {
  const tokens = new Set(Array.from({ length: 1000 }, (_, at) => bucketToken(`key ${at}`)));
  expect([...tokens].toSorted()).toEqual(
    Array.from({ length: 16 }, (_, at) => String(at)).toSorted(),
  );
});

test("N5: a replay has another message id and is the same event", () => {
  expect(eventIdOf(replayId("ledger/0/7", 42))).toBe("ledger/0/7");
  expect(eventIdOf("ledger/0/7")).toBe("ledger/0/7");
});
