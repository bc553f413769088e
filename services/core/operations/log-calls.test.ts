import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { sql } from "kysely";
import { afterAll, beforeEach, expect, test } from "vitest";
import { CallsLoggedSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
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
