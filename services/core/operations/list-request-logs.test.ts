import { sql } from "kysely";
import { afterAll, beforeEach, expect, test } from "vitest";
import { MAX_SCANNED_REQUEST_LOGS } from "#mesh/limits.ts";
import type { RequestLogFilter } from "../domain/request-log.ts";
import { insertRequestLogs } from "../store/request-logs.ts";
import { requestLog } from "../testing/request-log.ts";
import { testCore } from "../testing/test-core.ts";
import { listRequestLogs } from "./list-request-logs.ts";

const { core, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());
beforeEach(async () => {
  await sql`truncate request_log`.execute(core.db.sql);
});

const all: RequestLogFilter = {
  principal: "",
  method: "",
  code: "",
  startMs: undefined,
  endMs: undefined,
};
const noon = Date.now() - (Date.now() % 1000);

/** All calls of a filter, page by page. */
async function found(filter: Partial<RequestLogFilter>, pageSize = 2): Promise<string[]> {
  const seen: string[] = [];
  let pageToken = "";
  do {
    const page = await listRequestLogs(core, { ...all, ...filter }, { pageSize, pageToken });
    seen.push(...page.requestLogs.map(({ objectId }) => objectId));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return seen;
}

test("pages hold all, the newest first, each once, while new ones come", async () => {
  const times = [1, 5, 3, 3, 4, 2, 3];
  await insertRequestLogs(
    core.db.sql,
    times.map((ms) => requestLog({ atMs: noon + ms, objectId: String(ms) })),
  );
  const first = await listRequestLogs(core, all, { pageSize: 3, pageToken: "" });
  await insertRequestLogs(core.db.sql, [requestLog({ atMs: noon + 100, objectId: "new" })]);
  const pageToken = first.nextPageToken;
  const second = await listRequestLogs(core, all, { pageSize: 50, pageToken });
  const seen = [first, second].flatMap(({ requestLogs }) => requestLogs);
  expect(seen.map(({ objectId }) => objectId)).toEqual(["5", "4", "3", "3", "3", "2", "1"]);
  expect(await found({}, 1)).toHaveLength(8);
});

test("a call is shown as it was written, once", async () => {
  const log = requestLog({ objectId: "x", idempotencyKey: "k", reason: "R", atMs: noon });
  await insertRequestLogs(core.db.sql, [log]);
  await insertRequestLogs(core.db.sql, [log]);
  const page = await listRequestLogs(core, all, { pageSize: 0, pageToken: "" });
  expect(page).toEqual({ requestLogs: [log], nextPageToken: "" });
});

test.each<[what: string, filter: Partial<RequestLogFilter>, expected: string]>([
  ["a caller", { principal: "maryam" }, "dca"],
  ["a method", { method: "mizan.core.v1.UserService/Login" }, "ca"],
  ["a service of the contract", { method: "mizan.core.v1.UserService" }, "dca"],
  ["a service that runs", { method: "settlement" }, "b"],
  ["a code that is good", { code: "Ok" }, "dba"],
  ["a code that is not", { code: "PermissionDenied" }, "c"],
  ["a code as gRPC has it", { code: "PERMISSION_DENIED" }, "c"],
  ["a code as Connect has it", { code: "permission_denied" }, "c"],
  ["a good code in another spelling", { code: "OK" }, "dba"],
  ["a path without its verb", { method: "/api/settlement/withdraw" }, "e"],
  ["a path with its verb", { method: "POST /api/settlement/withdraw" }, "e"],
  ["a path that ends otherwise", { method: "/api/settlement/withdraw/" }, "e"],
  ["the path of a method", { method: "/mizan.core.v1.UserService/Login" }, "ca"],
  ["a refused connection", { method: "(connection)" }, "f"],
  ["a time", { startMs: noon + 2, endMs: noon + 4 }, "cb"],
  ["a caller and a code", { principal: "maryam", code: "Ok" }, "da"],
  ["nobody", { principal: "mary%" }, ""],
])("only the calls of %s", async (_, filter, expected) => {
  const login = "mizan.core.v1.UserService/Login";
  const maryam = { principal: "maryam" };
  const calls = [
    { ...maryam, method: login, objectId: "a" },
    { service: "settlement", method: "mizan.settlement.v1.X/Y", objectId: "b" },
    { ...maryam, method: login, code: "PermissionDenied", objectId: "c" },
    { ...maryam, objectId: "d" },
    { method: "POST /api/settlement/withdraw", code: "Unauthenticated", objectId: "e" },
    { method: "(connection)", code: "Unauthenticated", objectId: "f" },
  ].map((fields, index) => requestLog({ atMs: noon + index + 1, ...fields }));
  await insertRequestLogs(core.db.sql, calls);
  expect((await found(filter, 1)).join("")).toBe(expected);
});

test.each([
  ["CANCELLED", "Canceled"],
  ["canceled", "Canceled"],
  ["ALREADY_EXISTS", "AlreadyExists"],
  ["AlreadyExists", "AlreadyExists"],
  ["unauthenticated", "Unauthenticated"],
])("the code %s is found as %s", async (code, written) => {
  await insertRequestLogs(core.db.sql, [requestLog({ code: written, objectId: "x" })]);
  expect(await found({ code })).toEqual(["x"]);
});

test.each(["INSUFFICIENT_CREDIT", "6", "_"])("%s is no code, which is said", async (code) => {
  await expect(found({ code })).rejects.toThrow(`${code} is no code`);
});

test("what is rare is found behind very many others, some of them at a time", async () => {
  await insertRequestLogs(core.db.sql, [requestLog({ method: "a/Rare", atMs: noon })]);
  await sql`
    insert into request_log
    select gen_random_uuid(), 'core', 'a/Usual', 'public', '', '', 'Ok', '', 1, '', '',
      ${new Date(noon).toISOString()}::timestamptz + n * interval '1 millisecond'
    from generate_series(1, ${MAX_SCANNED_REQUEST_LOGS}) as n`.execute(core.db.sql);
  const filter = { ...all, method: "a/Rare" };
  const first = await listRequestLogs(core, filter, { pageSize: 1, pageToken: "" });
  expect(first.requestLogs).toEqual([]);
  const pageToken = first.nextPageToken;
  const second = await listRequestLogs(core, filter, { pageSize: 1, pageToken });
  expect(second).toMatchObject({ requestLogs: [{ method: "a/Rare" }], nextPageToken: "" });
});

test("the token of a page is none for another filter", async () => {
  await insertRequestLogs(core.db.sql, [requestLog(), requestLog()]);
  const { nextPageToken: pageToken } = await listRequestLogs(core, all, {
    pageSize: 1,
    pageToken: "",
  });
  const other = { ...all, principal: "maryam" };
  await expect(listRequestLogs(core, other, { pageSize: 1, pageToken })).rejects.toThrow(
    "not one of this list",
  );
});
