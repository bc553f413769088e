import { afterAll, beforeAll, expect, test } from "vitest";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { ensureCertificates } from "#mesh/certificates.ts";
import { createClients } from "#mesh/grpc/clients.ts";
import { openIdentity } from "#mesh/identity.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import type { Role } from "#mesh/person.ts";
import { type RunningService, startService } from "#mesh/start-service.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testNats } from "#mesh/testing/nats.ts";
import { createSigner, type Signer } from "#mesh/tokens.ts";
import { settings } from "./config.ts";
import { bankCustodyAccount } from "./domain/chart.ts";
import { startBilling } from "./start-billing.ts";
import { testBooks } from "./testing/test-ledger.ts";

// The literal paths, over real HTTP, as clients of the replaced system use them.

const stack = new AsyncDisposableStack();
const log = testLog();
let folder: string;
let core: Signer;
let running: RunningService;

beforeAll(async () => {
  folder = stack.use(temporaryFolder()).path;
  await ensureCertificates(folder, ["core", "billing"]);
  const [db, nats] = [stack.use(await testBooks()), stack.use(await testNats())];
  const migrations = new URL("store/migrations/", import.meta.url);
  const definition = { name: "billing", migrations, settings, start: startBilling };
  const config = {
    profile: "test" as const,
    certs: folder,
    databaseUrl: db.url,
    natsUrl: nats.url,
    host: "127.0.0.1",
    grpcPort: 0,
    httpPort: 0,
    adminHost: "127.0.0.1",
    adminPort: 0,
    peers: {},
    logLevel: "info" as const,
    trustedProxies: [],
    allowedOrigins: [],
    drainWaitMs: 0,
    parentPipe: false,
    fourEyes: new Map<string, bigint>(),
  };
  running = stack.use(await startService(definition, { config, log, stop: () => {} }));
  core = stack.use(createSigner(folder, "core"));
});
afterAll(async () => stack.disposeAsync());

/** Opens the first account of a new user, as core does. */
async function join(): Promise<string> {
  using identity = openIdentity({ folder, service: "core", log });
  const peers = { billing: `127.0.0.1:${running.grpcPort}` };
  using clients = createClients({ identity, signer: core, peers });
  const userId = newId();
  const id = bytesOf(derivedId(`account/user/${userId}/available/IRR`));
  const account = { id, asset: "IRR", code: 100, flags: 2, userData: bytesOf(hexOf(userId)) };
  const request = { requestId: newId(), accounts: [account] };
  await clients.of(LedgerService).createAccounts(request);
  return userId;
}

async function post(path: string, body: string, headers = {}, role: Role = "ADMIN") {
  const token = await core.accessToken({ id: ADMIN, roles: [role], verificationLevel: 0 }, 60);
  const response = await fetch(`http://127.0.0.1:${running.httpPort}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
    body,
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, answer };
}

const charge = async (body: string, headers = {}, role: Role = "ADMIN") =>
  post("/billing/v1/charge", body, headers, role);

const ADMIN = newId();
const told = async (body: object) => {
  const { status, answer } = await charge(JSON.stringify(body));
  return [status, answer];
};

test("a charge answers the whole balance in whole rials", async () => {
  const user_id = await join();
  expect(await told({ user_id, amount: 1500 })).toEqual([200, { user_id, total_balance: 1500 }]);
  expect(await told({ user_id, amount: "0.75" })).toEqual([200, { user_id, total_balance: 1500 }]);
  expect(await told({ user_id, amount: "0.25" })).toEqual([200, { user_id, total_balance: 1501 }]);
});

test("the same key charges once, and another body under it not at all", async () => {
  const user_id = await join();
  const headers = { "idempotency-key": newId() };
  const first = await charge(JSON.stringify({ user_id, amount: 10 }), headers);
  const again = await charge(JSON.stringify({ user_id, amount: 10 }), headers);
  expect([again.answer, again.headers.get("idempotent-replayed")]).toEqual([first.answer, "true"]);
  const other = await charge(JSON.stringify({ user_id, amount: 11 }), headers);
  expect([other.status, other.answer["code"]]).toEqual([409, "IDEMPOTENCY_KEY_REUSED"]);
  expect(await told({ user_id, amount: 1 })).toEqual([200, { user_id, total_balance: 11 }]);
});

const whole = "This field must be a whole number of at least 1, or a decimal as a text.";

test.each<[string, unknown, string]>([
  ["no amount", undefined, "This field is required."],
  ["nothing", 0, whole],
  ["less than nothing", -5, whole],
  ["a part of a number", 1.5, whole],
  ["more than JSON can count", 2 ** 60, whole],
  ["another type", true, whole],
  ["an exponent", "1e3", whole],
  ["a sign", "-1", whole],
  ["Persian digits", "۱۲", whole],
  ["a number of forty digits", "9".repeat(40), "This field has too many digits."],
  ["a number of thirty decimals", `1.${"0".repeat(30)}`, "This field has too many digits."],
  ["zero as a text", "0", "The amount 0 is out of bounds; it has to be more than 0."],
  ["too many decimals", "1.005", "1.005 is not a plain decimal with at most 2 decimals."],
])("%s is refused by the field", async (_, amount, problem) => {
  const user_id = await join();
  expect(await told({ user_id, amount })).toEqual([400, { amount: [problem] }]);
});

test("more than a charge may be is refused by the field", async () => {
  const user_id = await join();
  const [status, answer] = await told({ user_id, amount: "9".repeat(30) });
  expect([status, Object.keys(answer as object)]).toEqual([400, ["amount"]]);
});

test("a user that there is not, and what is no user, are told apart", async () => {
  const user_id = newId();
  expect(await told({ user_id, amount: 1 })).toEqual([
    404,
    { error: `There is no user ${user_id}.`, code: "USER_NOT_FOUND" },
  ]);
  expect(await told({ user_id: "7", amount: 1 })).toEqual([400, { user_id: [expect.any(String)] }]);
  expect(await told({ amount: 1 })).toEqual([400, { user_id: ["This field is required."] }]);
});

test("nobody but an administrator charges", async () => {
  const user_id = await join();
  const { status, answer } = await charge(JSON.stringify({ user_id, amount: 1 }), {}, "USER");
  expect([status, answer["code"], typeof answer["error"]]).toEqual([403, "NOT_ALLOWED", "string"]);
  const nobody = await charge("{}", { authorization: "" });
  expect([nobody.status, nobody.answer["code"]]).toEqual([401, "BAD_CREDENTIALS"]);
});

const topUp = async (amount: unknown, headers = {}, role: Role = "ADMIN") =>
  post("/api/v1/admin/pool/topup", JSON.stringify({ amount }), headers, role);

test("the pool is filled once a key, and the answer says what it has, as a decimal", async () => {
  const headers = { "idempotency-key": newId() };
  const first = await topUp("5000.50", headers);
  expect([first.status, first.answer]).toEqual([200, { pool_available: "5000.50" }]);
  const again = await topUp("5000.50", headers);
  expect([again.answer, again.headers.get("idempotent-replayed")]).toEqual([first.answer, "true"]);
  const { answer } = await topUp(1);
  expect(answer).toEqual({ pool_available: "5001.50" });
});

test("the pool's money is booked on the bank that is named, else on the main account", async () => {
  const custodyOf = async (bank: string) => {
    using identity = openIdentity({ folder, service: "core", log });
    const peers = { billing: `127.0.0.1:${running.grpcPort}` };
    using clients = createClients({ identity, signer: core, peers });
    const accountIds = [bytesOf(bankCustodyAccount(bank, { ledger: 1 }).id)];
    const { accounts } = await clients.of(LedgerService).lookupAccounts({ accountIds });
    return Number(accounts[0]?.debitsPosted ?? 0);
  };
  const fill = async (body: object) => post("/api/v1/admin/pool/topup", JSON.stringify(body));
  const [before, mainBefore] = [await custodyOf("bank"), await custodyOf("main")];
  await fill({ amount: "7.00", bank: "bank" });
  expect((await custodyOf("bank")) - before).toBe(7);
  expect(await custodyOf("main")).toBe(mainBefore);
  await fill({ amount: "7.00" });
  expect((await custodyOf("main")) - mainBefore).toBe(7);
  const { status, answer } = await fill({ amount: "7.00", bank: "No Bank" });
  expect([status, Object.keys(answer)]).toEqual([400, ["bank"]]);
});

test.each(["0", "-1", 1.5, "1.001", "9".repeat(30), undefined])(
  "the pool takes no %s, and says so by the field",
  async (amount) => {
    const { status, answer } = await topUp(amount);
    expect([status, answer]).toEqual([400, { amount: [expect.any(String)] }]);
  },
);

test.each(["USER", "MERCHANT"] as const)("a %s does not fill the pool", async (role) => {
  const { status, answer } = await topUp("1.00", {}, role);
  expect([status, answer["code"], typeof answer["detail"]]).toEqual([403, "NOT_ALLOWED", "string"]);
});

async function read(path: string, id: string | undefined, roles: readonly Role[] = ["USER"]) {
  const token = id && (await core.accessToken({ id, roles, verificationLevel: 0 }, 60));
  const response = await fetch(`http://127.0.0.1:${running.httpPort}${path}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  return { status: response.status, answer: (await response.json()) as object };
}

test("people read what they have, of each currency, and nothing of others", async () => {
  const [ada, ben] = [await join(), await join()];
  await told({ user_id: ada, amount: 1500 });
  const answer = [{ currency: "IRR", balance: "1500.00", available: "1500.00", held: "0.00" }];
  expect(await read("/api/wallets/", ada)).toEqual({ status: 200, answer });
  const nothing = [{ currency: "IRR", balance: "0.00", available: "0.00", held: "0.00" }];
  expect(await read("/api/wallets", ben)).toEqual({ status: 200, answer: nothing });
  expect(await read("/api/wallets/", undefined)).toMatchObject({
    status: 401,
    answer: { code: "BAD_CREDENTIALS" },
  });
});

test("everybody reads which currencies there are", async () => {
  const { status, answer } = await read("/api/currencies/", undefined);
  expect(status).toBe(200);
  expect(answer).toContainEqual({ code: "USDT", decimals: 6 });
  expect(answer).not.toContainEqual(expect.objectContaining({ code: "IRR.credit" }));
});

test("people read what happened to their money, the newest first, of all currencies or of one", async () => {
  const ada = await join();
  await told({ user_id: ada, amount: 1500, reference: "cash" });
  await told({ user_id: ada, amount: "0.50" });
  const row = { id: expect.any(String), currency: "IRR", type: "charge" };
  const created_at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const rows = [
    { ...row, amount: "0.50", balance: "1500.50", reference: "", created_at },
    { ...row, amount: "1500.00", balance: "1500.00", reference: "cash", created_at },
  ];
  expect(await read("/api/history/finance/", ada)).toEqual({ status: 200, answer: rows });
  const one = await read("/api/history/finance/?currency=IRR", ada);
  expect(one).toEqual({ status: 200, answer: rows });
  const other = await read("/api/history/finance/?currency=USDT", ada);
  expect(other).toEqual({ status: 200, answer: [] });
  const amount = { asset: "USDT", amount: "2" };
  const tether = { requestId: newId(), userId: ada, amount };
  await post("/mizan.billing.v1.WalletService/ChargeAccount", JSON.stringify(tether));
  const newest = { ...row, currency: "USDT", amount: "2.000000", balance: "2.000000" };
  const all = [{ ...newest, reference: "", created_at }, ...rows];
  expect(await read("/api/history/finance/", ada)).toEqual({ status: 200, answer: all });
  expect(await read("/api/history/finance/", await join())).toEqual({ status: 200, answer: [] });
  for (const currency of ["XYZ", "no", ["IRR", "BTC"].join("&currency=")]) {
    const refused = await read(`/api/history/finance/?currency=${currency}`, ada);
    expect(refused).toEqual({ status: 400, answer: { currency: [expect.any(String)] } });
  }
  expect((await read("/api/history/finance/", undefined)).status).toBe(401);
});
