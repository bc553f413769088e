import { afterAll, beforeEach, expect, test } from "vitest";
import type { CallRecord } from "#mesh/call-record.ts";
import { listenHttp } from "#mesh/edge/http-server.ts";
import { testLog } from "#mesh/testing/log.ts";
import { receiveTrace } from "#mesh/trace.ts";
import { oldWithdraw } from "./old-withdraw.ts";

const log = testLog();
const calls: CallRecord[] = [];
const page = oldWithdraw({ log, calls: (call) => void calls.push(call) });
const http = await listenHttp({ host: "127.0.0.1", port: 0 }, (request, response) => {
  const from = { client: { ip: "192.0.2.7" }, trace: receiveTrace(new Headers()) };
  if (!page(request, response, request.url!, from)) response.writeHead(404).end();
});
afterAll(async () => http[Symbol.asyncDispose]());
beforeEach(() => {
  calls.length = 0;
  log.records.length = 0;
});

const ask = async (headers: Record<string, string>, path = "/api/settlement/withdraw") => {
  const url = `http://127.0.0.1:${http.port}${path}`;
  const body = '{"account":"IR820540102680020817909002","amount":-5}';
  const response = await fetch(url, { method: "POST", headers, body });
  return [response.status, response.status === 404 ? "" : await response.json()];
};

test("GATE-2 without an internal token the old path answers 401", async () => {
  for (const path of ["/api/settlement/withdraw", "/api/settlement/withdraw/"]) {
    expect(await ask({}, path)).toEqual([
      401,
      { code: "BAD_CREDENTIALS", detail: expect.any(String) },
    ]);
  }
  expect(await ask({ "x-internal-token": "" })).toMatchObject([401, {}]);
});

test("GATE-2 with any internal token it answers 403", async () => {
  expect(await ask({ "x-internal-token": "canary" })).toEqual([
    403,
    { code: "NOT_ALLOWED", detail: expect.any(String) },
  ]);
});

test("GATE-1 each refusal is logged with the reason and where it came from, without the token", async () => {
  await ask({ "idempotency-key": "k" });
  await ask({ "x-internal-token": "canary" });
  const method = "POST /api/settlement/withdraw";
  const common = { method, principal: "public", peer: "", ip: "192.0.2.7" };
  expect(calls).toMatchObject([
    { ...common, code: "Unauthenticated", reason: "BAD_CREDENTIALS", idempotencyKey: "k" },
    { ...common, code: "PermissionDenied", reason: "NOT_ALLOWED" },
  ]);
  expect(log.records).toMatchObject([
    { method, reason: "BAD_CREDENTIALS", ip: "192.0.2.7" },
    { method, reason: "NOT_ALLOWED" },
  ]);
  expect(JSON.stringify([calls, log.records])).not.toMatch(/canary|IR82/);
});

test("other paths are none of its", async () => {
  expect(await ask({}, "/api/settlement/withdrawals")).toEqual([404, ""]);
  expect(calls).toEqual([]);
});
