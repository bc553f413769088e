import { once } from "node:events";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { callerKey } from "./access.ts";
import { createAdmission } from "./admission/admission.ts";
import { ensureCertificates } from "./certificates.ts";
import type { CallRecord } from "./call-record.ts";
import { clientKey } from "./client.ts";
import { compatPage } from "./compat.ts";
import { compatRow } from "./compat/row.ts";
import { type Edge, startEdge } from "./edge.ts";
import { reasons } from "./errors.ts";
import { callKey } from "./idempotent-call.ts";
import { bearerOf } from "./interceptors/access.ts";
import { serverChain } from "./interceptors/chain.ts";
import { CALL_RATES, MAX_COMPAT_BYTES } from "./limits.ts";
import type { Role } from "./person.ts";
import { implemented } from "./service.ts";
import { createTelemetry } from "./telemetry.ts";
import { temporaryFolder } from "./testing/folder.ts";
import { GuardedService } from "./testing/guarded-service.ts";
import { testLog } from "./testing/log.ts";
import { createVerifier } from "./token-verifier.ts";
import { createSigner } from "./tokens.ts";

const stack = new AsyncDisposableStack();
const log = testLog();
const telemetry = stack.use(createTelemetry("testing"));
const fail = reasons("testing", {
  TAKEN: [Code.FailedPrecondition, "The note {text} is there already."],
  TOO_LOUD: [Code.InvalidArgument, "The note is too loud."],
  LOST: [Code.NotFound, "There is no such note."],
  AWAY: [Code.Unavailable, "The notes are away."],
});
const calls: CallRecord[] = [];
const kept = new Map<string, string>();
let edge: Edge;
let seen: object | undefined;
let tokenOf: (...roles: Role[]) => Promise<string>;

const rows = [
  compatRow({
    path: "/old/v1/notes",
    verb: "POST",
    method: GuardedService.method.write,
    toRequest: (fields) => {
      const text = fields.text("note", { isRequired: true, mostCharacters: 5 });
      return { text: fields.flag("is_loud") ? `${text} loud` : text };
    },
    answer: async ({ request, ask }) => ({
      note_id: 7,
      note: (await ask()).text,
      key: request.requestId,
    }),
    errors: {
      key: "error",
      fields: { text: "note", TOO_LOUD: "is_loud" },
      texts: { TAKEN: "Taken" },
      statuses: { TAKEN: 402 },
    },
  }),
  compatRow({
    path: "/old/v1/tasks",
    verb: "POST",
    method: GuardedService.method.write,
    toRequest: (fields) => ({ text: fields.text("task") }),
    answer: async ({ ask }) => ({ state: (await ask()).text }),
    status: ({ state }) => (state === "queued" ? 202 : 201),
    errors: {
      key: "detail",
      codes: { TAKEN: "ALREADY_THERE" },
      extra: (reason, error) => (reason === "TAKEN" ? { length: error.rawMessage.length } : {}),
    },
  }),
  compatRow({
    path: "/old/v1/mine",
    verb: "GET",
    method: GuardedService.method.own,
    toRequest: (fields, person) => ({
      text: "own",
      marks: { id: person!.id, q: fields.text("q") },
    }),
    answer: async ({ ask, fields }) => ({ ...(await ask()).marks, again: fields.text("q") }),
    errors: { key: "detail" },
  }),
  compatRow({
    path: "/old/v1/mine",
    verb: "GET",
    method: GuardedService.method.manage,
    toRequest: () => ({ text: "everybody" }),
    answer: async ({ ask }) => ({ whose: (await ask()).text }),
    errors: { key: "detail" },
  }),
];

beforeAll(async () => {
  const folder = stack.use(temporaryFolder()).path;
  await ensureCertificates(folder, ["testing", "core"]);
  const verifier = stack.use(createVerifier(folder));
  const signer = stack.use(createSigner(folder, "core"));
  tokenOf = async (...roles) =>
    signer.accessToken({ id: `the ${roles[0]}`, roles, verificationLevel: 0 }, 60);
  const gate = { service: "testing", verifier };
  const rates = { ...CALL_RATES, READ: { perSecond: 0.001, burst: 4 } };
  const admission = createAdmission();
  const listener = (call: CallRecord) => void calls.push(call);
  const chain = { gate, log, telemetry, admission, rates, calls: listener };
  const interceptors = serverChain(chain);
  const methods = { write, own, manage: own } as ServiceImpl<typeof GuardedService>;
  const contract = [implemented(GuardedService, methods)];
  const personOf = async (authorization: string | undefined) =>
    verifier.access(bearerOf(authorization) ?? "").catch(() => undefined);
  const page = compatPage({
    rows,
    contract,
    interceptors,
    personOf,
    log,
    telemetry,
    calls: listener,
  });
  const options = {
    host: "127.0.0.1",
    port: 0,
    log,
    telemetry,
    trustedProxies: [],
    allowedOrigins: [],
  };
  edge = stack.use(await startEdge({ ...options, contract, interceptors, pages: [page] }));
});
afterAll(async () => stack.disposeAsync());
beforeEach(() => {
  log.records.length = 0;
  calls.length = 0;
});

type Handler = ServiceImpl<typeof GuardedService>["own"];

const write: Handler = async (note, context) => {
  const { values } = context;
  seen = { client: values.get(clientKey), caller: values.get(callerKey) };
  const call = values.get(callKey)!;
  call.replayed = kept.has(call.key);
  kept.set(call.key, note.text);
  if (note.text === "break") throw new Error("canary");
  if (note.text === "wait") await once(context.signal, "abort");
  if (note.text.endsWith(" loud")) throw fail("TOO_LOUD");
  if (note.text === "lost") throw fail("LOST");
  if (note.text === "away") throw fail("AWAY");
  if (note.text === "taken") throw fail("TAKEN", { text: note.text });
  return { text: note.text };
};

const own: Handler = async ({ text, marks }) => ({ text, marks });

const json = { "content-type": "application/json" };
const url = (path: string) => `http://127.0.0.1:${edge.port}${path}`;
const post = async (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = json,
) => fetch(url("/old/v1/notes"), { method: "POST", headers, body });
const postTask = async (task: string) =>
  fetch(url("/old/v1/tasks"), { method: "POST", headers: json, body: JSON.stringify({ task }) });
type Told = { note?: string[]; code?: string; error?: string; detail?: string };

const told = async (response: Response) =>
  [response.status, (await response.json()) as Told] as const;

test("a path answers what its method answers, in the shape of its clients", async () => {
  const response = await post('{"note":"hello"}', { ...json, "idempotency-key": "k1" });
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("x-correlation-id")).toMatch(/^\w{32}$/);
  expect(await told(response)).toEqual([200, { note_id: 7, note: "hello", key: "k1" }]);
  expect(seen).toEqual({ client: { ip: "127.0.0.1" }, caller: undefined });
  const lines = log.records.filter(({ msg }) => msg === "answered");
  expect(lines).toMatchObject([{ method: "mizan.testing.v1.GuardedService/Write", wire: "http" }]);
});

test("a repeated key is told as it is of the method, also when it was refused", async () => {
  const headers = { ...json, "idempotency-key": "again" };
  expect((await post('{"note":"a"}', headers)).headers.has("idempotent-replayed")).toBe(false);
  expect((await post('{"note":"a"}', headers)).headers.get("idempotent-replayed")).toBe("true");
  const refused = await post('{"note":"lost"}', headers);
  expect(refused.headers.get("idempotent-replayed")).toBe("true");
  const bad = await post('{"note":"a"}', { ...json, "idempotency-key": "a b" });
  expect(await told(bad)).toMatchObject([400, { code: "INVALID_IDEMPOTENCY_KEY" }]);
});

test("a path may end in a slash", async () => {
  const response = await fetch(url("/old/v1/notes/"), {
    method: "POST",
    headers: json,
    body: '{"note":"a"}',
  });
  expect(response.status).toBe(200);
});

test.each([
  ["no body", "", { note: ["This field is required."] }],
  ["an empty object", "{}", { note: ["This field is required."] }],
  ["null", '{"note":null}', { note: ["This field is required."] }],
  ["an empty text", '{"note":""}', { note: ["This field must not be empty."] }],
  ["a number", '{"note":5}', { note: ["This field must be a text."] }],
  [
    "a text that is too long",
    '{"note":"abcdef"}',
    { note: ["This field must have at most 5 characters."] },
  ],
  [
    "another type",
    '{"note":"a","is_loud":"yes"}',
    { is_loud: ["This field must be true or false."] },
  ],
  ["an unknown field", '{"note":"a","loud":true}', { loud: ["This field is not known."] }],
  [
    "a field with a strange name",
    '{"note":"a","__proto__":1}',
    JSON.parse('{"__proto__":["This field is not known."]}'),
  ],
  [
    "several wrong fields",
    '{"is_loud":1,"x":2}',
    {
      note: ["This field is required."],
      is_loud: ["This field must be true or false."],
      x: ["This field is not known."],
    },
  ],
  [
    "what the contract refuses",
    '{"note":"Ab"}',
    { note: ["This field does not have the form that is needed."] },
  ],
  [
    "what the method refuses in a field",
    '{"note":"a","is_loud":true}',
    { is_loud: ["The note is too loud."] },
  ],
])("%s is told by field", async (_, body, problems) => {
  expect(await told(await post(body))).toEqual([400, problems]);
});

test("characters are counted, and not their halves", async () => {
  const [, problems] = await told(await post('{"note":"👍👍👍👍👍"}'));
  expect(problems.note).toEqual([expect.not.stringContaining("at most")]); // the contract refuses it
  expect((await told(await post('{"note":"👍👍👍👍👍👍"}')))[1].note?.[0]).toContain("at most");
});

test.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, [number, string]]>([
  ["no JSON", "{nonsense", json, [400, "MALFORMED_REQUEST"]],
  ["a list", "[]", json, [400, "MALFORMED_REQUEST"]],
  ["a text", '"a"', json, [400, "MALFORMED_REQUEST"]],
  [
    "other bytes than UTF-8",
    new Uint8Array([123, 0xd3, 0xe1, 125]),
    json,
    [400, "MALFORMED_REQUEST"],
  ],
  [
    "a form",
    "note=a",
    { "content-type": "application/x-www-form-urlencoded" },
    [415, "JSON_NEEDED"],
  ],
  ["no type", new Uint8Array([1]), {}, [415, "JSON_NEEDED"]],
  [
    "another charset",
    "{}",
    { "content-type": "application/json; charset=windows-1256" },
    [415, "JSON_NEEDED"],
  ],
  ["a packed body", "{}", { ...json, "content-encoding": "gzip" }, [415, "JSON_NEEDED"]],
  ["too much", "x".repeat(MAX_COMPAT_BYTES + 1), json, [413, "MESSAGE_TOO_LARGE"]],
  ["a known refusal", '{"note":"taken"}', json, [402, "TAKEN"]],
  ["what is not there", '{"note":"lost"}', json, [404, "LOST"]],
  ["a part that is away", '{"note":"away"}', json, [503, "AWAY"]],
  ["an error of ours", '{"note":"break"}', json, [500, "INTERNAL"]],
])("%s is refused with its reason", async (_, body, headers, expected) => {
  const response = await post(body, headers);
  const [status, answer] = await told(response);
  expect([status, answer.code]).toEqual(expected);
  expect(typeof answer.error).toBe("string");
  expect(Object.keys(answer)).toEqual(["error", "code"]);
  expect(JSON.stringify(answer)).not.toContain("canary");
});

test("a text that clients know is told instead of ours", async () => {
  expect((await told(await post('{"note":"taken"}')))[1]).toEqual({
    error: "Taken",
    code: "TAKEN",
  });
});

test("an answer has the status that clients know it by", async () => {
  expect(await told(await postTask("done"))).toEqual([201, { state: "done" }]);
  expect(await told(await postTask("queued"))).toEqual([202, { state: "queued" }]);
});

test("a reason has the name that clients know, and the fields that they want", async () => {
  const text = "The note taken is there already.";
  const known = { detail: text, code: "ALREADY_THERE", length: text.length };
  expect(await told(await postTask("taken"))).toEqual([400, known]);
  expect(await told(await postTask("lost"))).toEqual([
    404,
    { detail: "There is no such note.", code: "LOST" },
  ]);
});

test("JSON may name its charset", async () => {
  const response = await post('{"note":"a"}', {
    "content-type": 'application/json; charset="UTF-8"',
  });
  expect(response.status).toBe(200);
});

test("what comes before the method is logged and counted as a call of it", async () => {
  await post("[", { "content-type": "text/plain" });
  const lines = log.records.filter(({ msg }) => msg === "refused");
  expect(lines).toMatchObject([{ reason: "JSON_NEEDED", ip: "127.0.0.1" }]);
  await post('{"note":"lost"}');
  expect(log.records.filter(({ reason }) => reason === "LOST")).toHaveLength(1);
});

test("whoever listens is told of every request, once, under the name of its method", async () => {
  const headers = { ...json, "idempotency-key": "told" };
  await post('{"note":"a"}', headers);
  await post('{"note":"lost"}', { ...json, "idempotency-key": "told-2" });
  await post("[", { "content-type": "text/plain", "idempotency-key": "told-3" });
  const common = { method: "mizan.testing.v1.GuardedService/Write", ip: "127.0.0.1" };
  expect(calls).toMatchObject([
    { ...common, code: "Ok", idempotencyKey: "told" },
    { ...common, code: "NotFound", reason: "LOST", idempotencyKey: "told-2" },
    { ...common, code: "InvalidArgument", reason: "JSON_NEEDED", idempotencyKey: "told-3" },
  ]);
});

test("another verb is refused with those that there are", async () => {
  const response = await fetch(url("/old/v1/notes"), { method: "PUT" });
  expect(response.headers.get("allow")).toBe("POST");
  expect(await told(response)).toMatchObject([405, { code: "VERB_NOT_ALLOWED" }]);
});

test("whoever has no token hears that first, whatever the fields are", async () => {
  const response = await fetch(url("/old/v1/mine?nonsense=1"));
  expect(response.headers.get("www-authenticate")).toBe("Bearer");
  const [status, body] = await told(response);
  expect([status, body.code, typeof body.detail]).toEqual([401, "BAD_CREDENTIALS", "string"]);
});

test("of rows with the same path each caller gets the own one", async () => {
  const asked = async (...roles: Role[]) => {
    const authorization = `Bearer ${await tokenOf(...roles)}`;
    return told(await fetch(url("/old/v1/mine"), { headers: { authorization } }));
  };
  expect(await asked("USER")).toEqual([200, { id: "the USER", q: "", again: "" }]);
  expect(await asked("ADMIN")).toEqual([200, { whose: "everybody" }]);
});

test("a query is read as fields, each of them once", async () => {
  const authorization = `Bearer ${await tokenOf("MERCHANT")}`;
  const asked = async (query: string) =>
    told(await fetch(url(`/old/v1/mine?${query}`), { headers: { authorization } }));
  expect((await asked("q=%D8%B3%D9%84%D8%A7%D9%85"))[1]).toMatchObject({ q: "سلام" });
  expect(await asked("q=1&q=2")).toEqual([400, { q: ["This field must be a text."] }]);
  expect(await asked("p=1")).toEqual([400, { p: ["This field is not known."] }]);
});

test("S17 the rate of the method holds, with the time to wait", async () => {
  const authorization = `Bearer ${await tokenOf("MERCHANT")}`;
  const asked = async () => fetch(url("/old/v1/mine"), { headers: { authorization } });
  let response = await asked();
  while (response.status === 200) response = await asked();
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await told(response)).toMatchObject([429, { code: "RATE_LIMITED" }]);
});

test("a handler hears that its caller has left", async () => {
  const leaving = new AbortController();
  const call = fetch(url("/old/v1/notes"), {
    method: "POST",
    headers: json,
    body: '{"note":"wait"}',
    signal: leaving.signal,
  });
  await expect.poll(() => [...kept.values()].includes("wait")).toBe(true);
  leaving.abort();
  await expect(call).rejects.toThrow();
  const ended = () => log.records.find(({ reason }) => reason === "CANCELED");
  await expect.poll(ended).toMatchObject({ method: "mizan.testing.v1.GuardedService/Write" });
});

test("a row of a method that nobody serves is found out at the start", () => {
  const options = { rows, contract: [], interceptors: [], personOf: async () => undefined };
  expect(() => compatPage({ ...options, log, telemetry })).toThrow("/old/v1/notes");
});
