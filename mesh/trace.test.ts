import { expect, test } from "vitest";
import {
  currentTrace,
  fromTraceparent,
  passTrace,
  receiveTrace,
  toTraceparent,
  withTrace,
} from "./trace.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const given = `00-${traceId}-00f067aa0ba902b7-00`;

test("a call continues the trace that it came with, under a span of its own", () => {
  const trace = receiveTrace(new Headers({ traceparent: given }));
  expect(trace).toMatchObject({ traceId, sampled: false, correlationId: traceId });
  expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(trace.spanId).not.toBe("00f067aa0ba902b7");
});

test("a call without a trace starts one, which a later call reads back", () => {
  const trace = receiveTrace(new Headers());
  const headers = new Headers();
  passTrace(trace, headers);
  expect(receiveTrace(headers)).toEqual({ ...trace, spanId: expect.any(String) as string });
  expect(headers.get("traceparent")).toBe(toTraceparent(trace));
});

test.each([
  ["nothing", null],
  ["no trace id", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`],
  ["no span id", `00-${traceId}-${"0".repeat(16)}-01`],
  ["upper case", given.toUpperCase()],
  ["version ff", given.replace(/^00/, "ff")],
  ["more than version 00 has", `${given}-more`],
  ["garbage", "x".repeat(100_000)],
])("%s is not a trace", (_name, text) => {
  expect(fromTraceparent(text)).toBeUndefined();
});

test("a later version with more parts is read by its first four", () => {
  expect(fromTraceparent(`01-${traceId}-00f067aa0ba902b7-01-more`)).toMatchObject({ traceId });
});

test.each([
  ["a short name", "order-17:retry", "order-17:retry"],
  ["a line break in disguise", "a%0ab c", undefined],
  ["a long text", "x".repeat(129), undefined],
])("the caller's correlation id is taken when it is safe: %s", (_name, text, expected) => {
  const trace = receiveTrace(new Headers({ "x-correlation-id": text }));
  expect(trace.correlationId).toBe(expected ?? trace.traceId);
});

test("work knows its trace across awaits, and two works do not mix", async () => {
  const one = receiveTrace(new Headers());
  const two = receiveTrace(new Headers());
  const work = async () => {
    await new Promise(setImmediate);
    return currentTrace();
  };
  const seen = await Promise.all([withTrace(one, work), withTrace(two, work), work()]);
  expect(seen).toEqual([one, two, undefined]);
});
