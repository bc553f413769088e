import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Admin, startAdmin } from "./admin.ts";
import { createLog } from "./log.ts";
import { createReadiness, type Readiness } from "./readiness.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";

let admin: Admin;
let readiness: Readiness;
let telemetry: Telemetry;

beforeEach(async () => {
  readiness = createReadiness(100);
  telemetry = createTelemetry("testing");
  const log = createLog({ name: "testing", level: "info", to: { write: () => {} } });
  admin = await startAdmin({ host: "127.0.0.1", port: 0, readiness, telemetry, log });
});
afterEach(async () => {
  await admin[Symbol.asyncDispose]();
  telemetry[Symbol.dispose]();
});

test("a process is alive from the start, and ready when it says so and all works", async () => {
  readiness.check("database", () => Promise.resolve());
  expect((await get("/healthz")).status).toBe(200);
  const starting = await get("/readyz");
  expect([starting.status, await starting.json()]).toEqual([
    503,
    { ready: false, phase: "starting", checks: { database: "ok" } },
  ]);
  readiness.serving();
  expect((await get("/readyz")).status).toBe(200);
});

test("what does not work is named with its reason, without a password", async () => {
  readiness.serving();
  readiness.check("database", () => {
    throw new Error("no connection to postgres://mizan:canary@db/core");
  });
  readiness.check("broker", (signal) => pause(60_000, undefined, { signal }));
  readiness.check("ledger", () => {});
  const response = await get("/readyz");
  expect([response.status, await response.json()]).toEqual([
    503,
    {
      ready: false,
      phase: "serving",
      checks: {
        database: "no connection to postgres://[hidden]@db/core",
        broker: "no answer within 100 ms",
        ledger: "ok",
      },
    },
  ]);
  expect((await get("/healthz")).status).toBe(200);
});

test("a process that drains is not ready, and never again", async () => {
  readiness.serving();
  readiness.draining();
  readiness.serving();
  expect([(await get("/readyz")).status, readiness.phase()]).toEqual([503, "draining"]);
});

test("metrics are in the format of Prometheus", async () => {
  telemetry.observe("a/B", undefined, 0.1);
  const response = await get("/metrics");
  expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  expect(await response.text()).toContain('mizan_calls_total{method="a/B",code="ok"');
});

test("there is nothing else", async () => {
  expect((await get("/")).status).toBe(404);
  expect((await get("/metrics", { method: "POST" })).status).toBe(405);
});

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${admin.port}${path}`, init);
}
