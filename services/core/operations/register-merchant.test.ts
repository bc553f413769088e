import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { Merchant_State } from "#gen/mizan/core/v1/merchant_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { derivedId, newId } from "#mesh/ids.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { newMerchant, rials, toldTo } from "../testing/test-merchants.ts";
import { ensureAdmin } from "./ensure-admin.ts";
import { login } from "./login.ts";
import { registerMerchant } from "./register-merchant.ts";

const { core, ledger, verifier, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());
const admin = { username: "admin", password: "a long way to go 7" };

test("a merchant registers, waits for an administrator and can log in", async () => {
  const request = newMerchant();
  const { merchant } = await registerMerchant(core, request, callWith());
  const { username, bankAccount, password } = request;
  expect(merchant).toMatchObject({
    username,
    bankAccount,
    state: Merchant_State.PENDING,
    requestedCredit: { asset: "IRR", amount: "5000.00" },
    accountId: derivedId(`account/merchant/${merchant!.id}/credit`),
    reason: "",
  });
  expect(merchant!.creditLimit).toBeUndefined();
  expect(ledger.accounts).toContain(derivedId(`account/user/${merchant!.id}/available/IRR`));
  const { accessToken, user } = await login(core, { username, password }, callWith());
  expect(user.id).toBe(merchant!.id);
  expect((await verifier.access(accessToken)).roles).toEqual(["USER", "MERCHANT"]);
});

test("S18 every administrator is told, by the id of the merchant", async () => {
  await ensureAdmin(core, admin);
  const { user } = await login(core, admin, callWith());
  const { merchant } = await registerMerchant(core, newMerchant(), callWith());
  expect(await toldTo(core, user.id)).toEqual([
    {
      type: "MERCHANT_REGISTERED",
      values: { merchant: merchant!.id, asset: "IRR", amount: "5000.00" },
    },
  ]);
});

test("A3 a retry registers once; with another credit or account it is refused", async () => {
  const [request, key] = [newMerchant(), newId()];
  const first = await registerMerchant(core, request, callWith(key));
  const again = callWith(key);
  expect(await registerMerchant(core, request, again)).toEqual(first);
  expect(again.values.get(callKey)?.replayed).toBe(true);
  for (const change of [{ requestedCredit: rials("1") }, { bankAccount: "another" }]) {
    const other = registerMerchant(core, { ...request, ...change }, callWith(key));
    expect(await other.catch(reasonOf)).toBe("IDEMPOTENCY_KEY_REUSED");
  }
});

test("a merchant whose name is taken leaves nothing behind", async () => {
  const request = newMerchant();
  await registerMerchant(core, request, callWith());
  const second = registerMerchant(core, { ...newMerchant(), ...request }, callWith());
  expect(await second.catch(reasonOf)).toBe("USERNAME_TAKEN");
  const { rows } = await sql`
    select 1 from person full join merchant using (id)
    where ('MERCHANT' = any (roles)) is distinct from (merchant.state is not null)`.execute(
    core.db.sql,
  );
  expect(rows).toEqual([]);
});

test("zero asks for whatever the administrator gives", async () => {
  const request = { ...newMerchant(), requestedCredit: rials("0"), bankAccount: "" };
  const { merchant } = await registerMerchant(core, request, callWith());
  expect(merchant).toMatchObject({ requestedCredit: { amount: "0.00" }, bankAccount: "" });
});

test.each([
  ["ASSET_NOT_ACCEPTED", { requestedCredit: { ...rials("1"), asset: "USDT" } }],
  ["INVALID_AMOUNT", { requestedCredit: rials("-1") }],
  ["INVALID_AMOUNT", { requestedCredit: rials("1.001") }],
  ["AMOUNT_TOO_LARGE", { requestedCredit: rials("1000000000000.01") }],
  ["WEAK_PASSWORD", { password: "qwertyuiop" }],
])("%s refuses a registration with %j", async (reason, change) => {
  const call = registerMerchant(core, { ...newMerchant(), ...change }, callWith());
  expect(await call.catch(reasonOf)).toBe(reason);
});
