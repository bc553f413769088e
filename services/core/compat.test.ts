import { afterAll, beforeAll, expect, test } from "vitest";
import { MerchantService } from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { NotificationService } from "#gen/mizan/core/v1/notification_service_pb.ts";
import { UserService } from "#gen/mizan/core/v1/user_service_pb.ts";
import { derivedId, newId } from "#mesh/ids.ts";
import type { Role } from "#mesh/person.ts";
import { implemented } from "#mesh/service.ts";
import { merchantRows } from "./compat/merchant-rows.ts";
import { notificationRow } from "./compat/notification-row.ts";
import { sessionRows } from "./compat/session-rows.ts";
import { merchantService } from "./rpc/merchant-service.ts";
import { notificationService } from "./rpc/notification-service.ts";
import { userService } from "./rpc/user-service.ts";
import { serveCore } from "./testing/serve-core.ts";
import { testCore } from "./testing/test-core.ts";

// The literal paths, over real HTTP, as clients of the replaced system use them.

let world: Awaited<ReturnType<typeof testCore>>;
let service: Awaited<ReturnType<typeof serveCore>>;

beforeAll(async () => {
  world = await testCore();
  const core = { ...world.core, fourEyesMinor: 1_000_000n };
  service = await serveCore(world, {
    contract: [
      implemented(UserService, userService(core)),
      implemented(MerchantService, merchantService(core)),
      implemented(NotificationService, notificationService(core)),
    ],
    compat: [...sessionRows(world.verifier), ...merchantRows, notificationRow],
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

type Answer = { readonly status: number; readonly headers: Headers; readonly body: any };

async function ask(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(service.origin + path, init);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const plain = { "content-type": "application/json", ...headers };
  return ask(path, { method: "POST", body: JSON.stringify(body), headers: plain });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function tokenOf(role: Role, id: string = newId()) {
  return world.core.signer.accessToken({ id, roles: [role], verificationLevel: 0 }, 60);
}

const password = "blue tea pot 7";
let people = 0;

function newcomer() {
  people += 1;
  const bank_account = "IR06 0170";
  return { username: `shop-${people}`, password, requested_credit: "5000.00", bank_account };
}

test("a merchant registers, logs in, is approved, and sees how it stands", async () => {
  const request = newcomer();
  const joined = await post("/api/v1/auth/register", request);
  const { merchant_id } = joined.body;
  expect(joined).toMatchObject({ status: 201, body: { merchant_id, status: "PENDING_APPROVAL" } });
  expect(Object.keys(joined.body)).toEqual(["merchant_id", "status"]);

  const { username } = request;
  const session = await post("/api/v1/auth/token", { username, password });
  expect([session.status, Object.keys(session.body)]).toEqual([200, ["access", "refresh"]]);
  const me = async () => ask("/api/v1/me", { headers: bearer(session.body.access) });
  expect(await me()).toMatchObject({
    status: 200,
    body: {
      merchant_id,
      username,
      is_approved: false,
      account_id: derivedId(`account/merchant/${merchant_id}/credit`),
      bank_account: "IR06 0170",
      credit_limit: "0.00",
      utilized_amount: "0.00",
      available_credit: "0.00",
    },
  });

  const admin = bearer(await tokenOf("ADMIN"));
  const approval = { merchant_id, credit_limit: 1000 };
  const { status, body } = await post("/api/v1/admin/approve", approval, admin);
  expect([status, body]).toEqual([200, { merchant_id, approved: true, credit_limit: "1000.00" }]);
  world.credits.lines.get(merchant_id)!.utilized = 12_345n;
  expect((await me()).body).toMatchObject({
    is_approved: true,
    credit_limit: "1000.00",
    utilized_amount: "123.45",
    available_credit: "876.55",
  });
});

test("A3 a registration with one key happens once; another body is refused", async () => {
  const [request, key] = [newcomer(), { "idempotency-key": newId() }];
  const first = await post("/api/v1/auth/register", request, key);
  const again = await post("/api/v1/auth/register", request, key);
  expect([again.status, again.body]).toEqual([201, first.body]);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  const other = await post("/api/v1/auth/register", { ...request, bank_account: "IR-7" }, key);
  expect([other.status, other.body.code]).toEqual([409, "IDEMPOTENCY_KEY_REUSED"]);
});

test("a name that is taken is refused", async () => {
  const request = newcomer();
  await post("/api/v1/auth/register", request);
  const { status, body } = await post("/api/v1/auth/register", request);
  expect([status, body]).toEqual([
    409,
    { detail: expect.stringContaining(request.username), code: "USERNAME_TAKEN" },
  ]);
});

test.each([
  ["no name", { username: undefined }, "username"],
  ["a bad name", { username: "a b" }, "username"],
  ["a short password", { password: "short" }, "password"],
  ["a weak password", { password: "qwertyuiop" }, "password"],
  ["no credit", { requested_credit: undefined }, "requested_credit"],
  ["a credit below zero", { requested_credit: "-1.00" }, "requested_credit"],
  ["a credit with a fraction as a number", { requested_credit: 1.5 }, "requested_credit"],
  ["a credit of three decimals", { requested_credit: "1.001" }, "requested_credit"],
  ["a credit beyond all bounds", { requested_credit: "9".repeat(30) }, "requested_credit"],
  ["a strange bank account", { bank_account: "<>" }, "bank_account"],
  ["a role of its own choice", { role: "ADMIN" }, "role"],
])("%s is refused by field", async (_, change, field) => {
  const { status, body } = await post("/api/v1/auth/register", { ...newcomer(), ...change });
  expect([status, Object.keys(body)]).toEqual([400, [field]]);
  expect(body[field]).toEqual([expect.any(String)]);
});

test.each(["/api/v1/auth/token", "/api/token/"])("a session of %s is renewed", async (path) => {
  const { username } = newcomer();
  await post("/api/v1/auth/register", { ...newcomer(), username });
  const { body } = await post(path, { username, password });
  const refreshPath = path.replace(/\/?$/, "/refresh/");
  const renewed = await post(refreshPath, { refresh: body.refresh });
  expect(renewed.status).toBe(200);
  expect(renewed.body.access).toEqual(expect.any(String));
  const next = await post(refreshPath, { refresh: renewed.body.refresh });
  expect(next.status).toBe(200); // the old one is used up, the new one is good
  const wrong = await post(path, { username, password: "something else" });
  expect([wrong.status, wrong.body.code]).toEqual([401, "BAD_CREDENTIALS"]);
  const stranger = await post(refreshPath, { refresh: "x" });
  expect([stranger.status, stranger.body.code]).toEqual([401, "BAD_CREDENTIALS"]);
});

test("an access token is checked, and nothing else passes for one", async () => {
  const token = await tokenOf("USER");
  const good = await post("/api/token/verify/", { token });
  expect([good.status, good.body]).toEqual([200, {}]);
  const bad = await post("/api/token/verify/", { token: `${token}x` });
  expect([bad.status, bad.body]).toEqual([
    401,
    { detail: "The token is not valid.", code: "BAD_CREDENTIALS" },
  ]);
  expect(await post("/api/token/verify/", {})).toMatchObject({
    status: 400,
    body: { token: ["This field is required."] },
  });
});

test("only an administrator approves, and only a merchant is one", async () => {
  const approval = { merchant_id: newId(), credit_limit: "10.00" };
  for (const [status, code, headers] of [
    [401, "BAD_CREDENTIALS", {}],
    [403, "NOT_ALLOWED", bearer(await tokenOf("USER"))],
    [403, "NOT_ALLOWED", bearer(await tokenOf("MERCHANT"))],
    [404, "MERCHANT_NOT_FOUND", bearer(await tokenOf("ADMIN"))],
  ] as const) {
    const answer = await post("/api/v1/admin/approve", approval, headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  }
  const me = async (headers: Record<string, string>) => ask("/api/v1/me", { headers });
  expect(await me({})).toMatchObject({ status: 401, body: { code: "BAD_CREDENTIALS" } });
  expect(await me(bearer(await tokenOf("USER")))).toMatchObject({ status: 403 });
});

test.each([
  ["nothing", { credit_limit: undefined }],
  ["zero", { credit_limit: "0" }],
  ["less than nothing", { credit_limit: -5 }],
])("a limit of %s is refused by field", async (_, change) => {
  const joined = await post("/api/v1/auth/register", newcomer());
  const { merchant_id } = joined.body;
  const approval = { merchant_id, ...change };
  const answer = await post("/api/v1/admin/approve", approval, bearer(await tokenOf("ADMIN")));
  expect([answer.status, Object.keys(answer.body)]).toEqual([400, ["credit_limit"]]);
});

test("everybody reads the own notifications, newest first, and nobody reads without a token", async () => {
  const [merchant, other] = [newcomer(), newcomer()];
  const { merchant_id } = (await post("/api/v1/auth/register", merchant)).body;
  const admin = bearer(await tokenOf("ADMIN"));
  const path = "/api/v1/admin/approve";
  await post(path, { merchant_id, credit_limit: "10.00" }, admin);
  const read = async (headers = {}) => ask("/api/notifications/", { headers });
  expect(await read(bearer(await tokenOf("USER", merchant_id)))).toMatchObject({
    status: 200,
    body: [
      {
        id: expect.any(String),
        type: "MERCHANT_APPROVED",
        text: "You can withdraw up to 10.00 IRR from now on.",
        values: { amount: "10.00", asset: "IRR" },
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
      },
    ],
  });
  const stranger = await post("/api/v1/auth/register", other);
  const others = await read(bearer(await tokenOf("USER", stranger.body.merchant_id)));
  expect([others.status, others.body]).toEqual([200, []]);
  expect(await read()).toMatchObject({ status: 401, body: { code: "BAD_CREDENTIALS" } });
});

test("S10 a high limit without a remark is refused by field", async () => {
  const { body } = await post("/api/v1/auth/register", newcomer());
  const approval = { merchant_id: body.merchant_id, credit_limit: "10000.01" };
  const answer = await post("/api/v1/admin/approve", approval, bearer(await tokenOf("ADMIN")));
  expect([answer.status, Object.keys(answer.body)]).toEqual([400, ["remark"]]);
});

test("S10 a high limit takes two administrators with one key", async () => {
  const { body } = await post("/api/v1/auth/register", newcomer());
  const { merchant_id } = body;
  const approval = { merchant_id, credit_limit: "10000.01", remark: "a good customer" };
  const key = { "idempotency-key": newId() };
  const path = "/api/v1/admin/approve";
  const first = await post(path, approval, { ...key, ...bearer(await tokenOf("ADMIN")) });
  expect([first.status, first.body.code]).toEqual([400, "APPROVAL_REQUIRED"]);
  const second = await post(path, approval, { ...key, ...bearer(await tokenOf("ADMIN")) });
  expect(second).toMatchObject({ status: 200, body: { approved: true } });
});
