import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { sql } from "kysely";
import { afterAll, beforeEach, expect, test } from "vitest";
import { CallsLoggedSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import { type CallEntry, callBuffer } from "#mesh/call-buffer.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { testLog } from "#mesh/testing/log.ts";
import { requestLog } from "../testing/request-log.ts";
import { testCore } from "../testing/test-core.ts";
import { listRequestLogs } from "./list-request-logs.ts";
import { logCalls } from "./log-calls.ts";
import { logSettlementCalls } from "./log-settlement-calls.ts";

const { core, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());
beforeEach(async () => {
  await sql`truncate request_log`.execute(core.db.sql);
});

const logged = async () => {
  const filter = { principal: "", method: "", code: "", startMs: undefined, endMs: undefined };
  return (await listRequestLogs(core, filter, { pageSize: 0, pageToken: "" })).requestLogs;
};

test("calls of core are written once, however often they are written", async () => {
  const { service: _, ...call } = requestLog({ code: "NotFound", reason: "USER_NOT_FOUND" });
  await logCalls(core, [call]);
  await logCalls(core, [call]);
  expect(await logged()).toEqual([{ ...call, service: "core" }]);
});

test("calls of settlement are written once, however often their event comes", async () => {
  const { service: _, atMs, ...call } = requestLog({ principal: "service:core", peer: "core" });
  const callTime = timestampFromMs(atMs);
  const event = create(CallsLoggedSchema, { calls: [{ ...call, callTime }] });
  await logSettlementCalls(core.db.sql, event);
  await logSettlementCalls(core.db.sql, event);
  expect(await logged()).toMatchObject([{ ...call, service: "settlement", atMs }]);
});

test("whatever strangers write, and what the database refuses, the calls of others are written", async () => {
  using metrics = createTelemetry("testing");
  const write = async (entries: readonly CallEntry[]) => logCalls(core, entries);
  const { add, stop } = callBuffer({ write, log: testLog(), metrics });
  const { service: _, id: __, ...call } = requestLog();
  const texts = Object.entries(call).filter(([, value]) => typeof value === "string");
  for (const [name] of texts) add({ ...call, [name]: "a\0\u{d800}b" });
  add({ ...call, durationMs: 2 ** 31 }); // more than fits
  add({ ...call, objectId: "last" });
  await stop();
  const all = await logged();
  expect(all).toHaveLength(texts.length + 1);
  expect(all).toContainEqual(expect.objectContaining({ objectId: "last" }));
  for (const [name] of texts) {
    expect(all).toContainEqual(expect.objectContaining({ [name]: "a??b" }));
  }
  expect((await metrics.page()).text).toMatch(/^mizan_call_records_dropped_total\{.*\} 1$/m);
});
