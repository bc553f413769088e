import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import {
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  fromBinary,
  getOption,
  hasOption,
  isFieldSet,
} from "@bufbuild/protobuf";
import {
  FileDescriptorSetSchema,
  MethodOptions_IdempotencyLevel as Level,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { Audience, RateClass, Replay, rule, type Rule } from "#gen/mizan/access/v1/access_pb.ts";

const image = execFileSync("buf", ["build", "--output", "-"], { maxBuffer: 1 << 26 });
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
const files = [...registry.files].filter(({ proto }) => proto.package.startsWith("mizan."));
const methods = files.flatMap(({ services }) => services.flatMap((service) => service.methods));
const services = new Set(["core", "matching", "sms", "billing", "settlement"]);

test("the contract has methods to check", () => {
  expect(methods.length).toBeGreaterThan(15);
});

describe.each(methods.map((method) => [method.toString(), method] as const))("%s", (_, method) => {
  test("says in a sentence what it does", () => {
    expect(commentOf(method)).toMatch(/^[A-Z][^]+[.]$/);
  });

  test("names its audience, and its callers when it is for services", () => {
    const { audience, callers } = ruleOf(method);
    expect(audience.length).toBeGreaterThan(0);
    expect(audience).not.toContain(Audience.UNSPECIFIED);
    expect(new Set(callers).difference(services)).toEqual(new Set());
    expect(callers.length > 0 || !audience.includes(Audience.SERVICE)).toBe(true);
  });

  test("has a deadline, and competes for a share of the capacity", () => {
    const { defaultTimeoutMs, maxTimeoutMs, rateClass } = ruleOf(method);
    expect(defaultTimeoutMs).toBeGreaterThan(0);
    expect(maxTimeoutMs).toBeGreaterThanOrEqual(defaultTimeoutMs);
    expect(rateClass).not.toBe(RateClass.UNSPECIFIED);
  });

  test("says whether a retry is safe, and a safe mutation how it knows the retry", () => {
    const options = method.proto.options!;
    const { idempotencyLevel } = MethodOptionsSchema.field;
    expect(isFieldSet(options, idempotencyLevel), "an explicit idempotency_level").toBe(true);
    const level = options.idempotencyLevel;
    const { replay } = ruleOf(method);
    const keyed = level === Level.IDEMPOTENT;
    expect(replay !== Replay.UNSPECIFIED, "a replay").toBe(keyed);
    // A stream has no single request: each of its items names itself.
    const isTalk = method.methodKind === "bidi_streaming";
    const items = method.input.fields.flatMap(({ message }) => message ?? []);
    const keys = (isTalk ? items : [method.input]).map(hasRequestId);
    expect(keys, "a request_id").toEqual([keyed]);
  });
});

test("a list pages from the first day", () => {
  const lists = methods.filter(({ name }) => /^List(?!Assets|Balances)/.test(name));
  expect(lists.length).toBeGreaterThan(0);
  for (const { input, output } of lists) {
    expect(Object.keys(input.field)).toEqual(expect.arrayContaining(["pageSize", "pageToken"]));
    expect(Object.keys(output.field)).toContain("nextPageToken");
  }
});

test("the generated code has every file of the contract", () => {
  const generated = globSync("gen/mizan/**/*_pb.ts").map((path) =>
    path.replace(/^gen\/(.*)_pb\.ts$/, "$1"),
  );
  expect(generated.toSorted()).toEqual(files.map(({ name }) => name).toSorted());
});

function hasRequestId({ fields }: DescMessage): boolean {
  return fields.some(({ name }) => name === "request_id");
}

function ruleOf(method: DescMethod): Rule {
  // The options of the image are those of the generated extension, by number.
  expect(hasOption(method, rule), "an access rule").toBe(true);
  return getOption(method, rule);
}

/** The comment of a method, which only the image with its source info has. */
function commentOf(method: DescMethod): string {
  const { proto } = method.parent.file;
  const path = [6, proto.service.indexOf(method.parent.proto), 2];
  const full = [...path, method.parent.proto.method.indexOf(method.proto)];
  const location = proto.sourceCodeInfo?.location.find(
    (candidate) => candidate.path.join() === full.join(),
  );
  return (location?.leadingComments ?? "").trim();
}
