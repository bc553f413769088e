import { afterEach, expect, test } from "vitest";
import { type CallEntry, callBuffer } from "./call-buffer.ts";
import type { CallRecord } from "./call-record.ts";
import { MAX_CALLS_WRITTEN } from "./limits.ts";
import { createTelemetry } from "./telemetry.ts";
import { testLog } from "./testing/log.ts";

const stack = new DisposableStack();
afterEach(() => void (log.records.length = 0));

const log = testLog();
const call = (objectId: string): CallRecord => ({
  method: "mizan.testing.v1.GuardedService/Own",
  principal: "maryam",
  peer: "",
  ip: "192.0.2.1",
  code: "Ok",
  reason: "",
  durationMs: 3,
  atMs: Date.now(),
  idempotencyKey: "",
  objectId,
});

/** A buffer whose writes go into a list, and fail while they are told to. */
function open(maxBuffered?: number) {
  const metrics = stack.use(createTelemetry("testing"));
  const state = { written: [] as CallEntry[], batches: [] as number[], isAway: false };
  const write = async (entries: readonly CallEntry[]) => {
    if (state.isAway) throw new Error("the database is away");
    state.batches.push(entries.length);
    state.written.push(...entries);
  };
  const bound = maxBuffered === undefined ? {} : { maxBuffered };
  const buffer = callBuffer({ write, log, metrics, retryMs: 10, ...bound });
  const seen = () => state.written.map(({ objectId }) => objectId);
  const value = async (name: string) => {
    const { text } = await metrics.page();
    return Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
  };
  return { ...buffer, state, seen, value };
}

test("calls of a moment are written together, in order, each with an id", async () => {
  const { add, state, seen } = open();
  for (const id of ["a", "b", "c"]) add(call(id));
  expect(seen()).toEqual([]);
  await expect.poll(seen).toEqual(["a", "b", "c"]);
  expect(state.batches).toEqual([3]);
  expect(new Set(state.written.map(({ id }) => id)).size).toBe(3);
  add(call("d"));
  await expect.poll(seen).toEqual(["a", "b", "c", "d"]);
});

test("many calls are written a bounded number at a time", async () => {
  const { add, stop, state } = open();
  for (let count = 0; count <= MAX_CALLS_WRITTEN; count++) add(call(""));
  await stop();
  expect(state.batches).toEqual([MAX_CALLS_WRITTEN, 1]);
});

test("what can't be written is written later, once", async () => {
  const { add, state, seen } = open();
  state.isAway = true;
  add(call("a"));
  await expect.poll(() => log.records.length).toBeGreaterThan(1);
  add(call("b"));
  state.isAway = false;
  await expect.poll(seen).toEqual(["a", "b"]);
});

test("R3 what is too much is dropped and counted", async () => {
  const { add, stop, seen, value } = open(2);
  for (const id of ["a", "b", "c", "d"]) add(call(id));
  expect(await value("mizan_call_records_waiting")).toBe(2);
  await stop();
  expect(seen()).toEqual(["a", "b"]);
  expect(await value("mizan_call_records_dropped_total")).toBe(2);
});

test("a stop writes what is left, and counts what can't be written", async () => {
  const { add, stop, seen } = open();
  add(call("a"));
  await stop();
  expect(seen()).toEqual(["a"]);
  const other = open();
  other.state.isAway = true;
  other.add(call("b"));
  await other.stop();
  expect(await other.value("mizan_call_records_dropped_total")).toBe(1);
});
