import { expect, test } from "vitest";
import type { CallRecord } from "../call-record.ts";
import { REFUSED_CONNECTIONS } from "../limits.ts";
import { createTelemetry } from "../telemetry.ts";
import { testLog } from "../testing/log.ts";
import { recordRefused } from "./record-refused.ts";

const connection = { ip: "192.0.2.7", reason: "BAD_CERTIFICATE", detail: "X" } as const;

test("GATE-1 a refused connection is logged, and recorded as a call that was refused", async () => {
  using telemetry = createTelemetry("testing");
  const log = testLog();
  const calls: CallRecord[] = [];
  recordRefused({ log, metrics: telemetry, calls: (call) => calls.push(call) })(connection);
  const refused = { method: "(connection)", code: "Unauthenticated", reason: "BAD_CERTIFICATE" };
  expect(calls).toMatchObject([{ ...refused, principal: "public", peer: "", ip: "192.0.2.7" }]);
  expect(log.records).toMatchObject([{ ...refused, ip: "192.0.2.7", detail: "X" }]);
});

test("R3 many refused connections are counted all, and logged only so many of", async () => {
  using telemetry = createTelemetry("testing");
  const log = testLog();
  const calls: CallRecord[] = [];
  const clock = { monotonicMs: () => 0 };
  const metrics = telemetry;
  const hear = recordRefused({ log, metrics, clock, calls: (call) => calls.push(call) });
  for (let count = 0; count < 1000; count++) hear(connection);
  expect([calls.length, log.records.length]).toEqual(Array(2).fill(REFUSED_CONNECTIONS.burst));
  expect((await telemetry.page()).text).toMatch(
    /mizan_connections_refused_total\{reason="BAD_CERTIFICATE".*\} 1000/,
  );
});
