import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Merchant_State } from "#gen/mizan/core/v1/merchant_pb.ts";
import { MerchantService } from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { UserService } from "#gen/mizan/core/v1/user_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { implemented } from "#mesh/service.ts";
import { merchantService } from "./rpc/merchant-service.ts";
import { userService } from "./rpc/user-service.ts";
import { serveCore } from "./testing/serve-core.ts";
import { testCore } from "./testing/test-core.ts";
import { newMerchant, rials } from "./testing/test-merchants.ts";

// Merchants over both wires, with the rules of the contract around them.

let world: Awaited<ReturnType<typeof testCore>>;
let service: Awaited<ReturnType<typeof serveCore>>;

beforeAll(async () => {
  world = await testCore();
  const core = { ...world.core, withdrawalFeeMinor: 150n };
  service = await serveCore(world, {
    contract: [
      implemented(UserService, userService(core)),
      implemented(MerchantService, merchantService(core)),
    ],
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const password = "blue tea pot 7";
const admin = async () => service.as(newId(), "ADMIN");
const reason = async (call: Promise<unknown>) => call.then(() => "OK", reasonOf);

describe.each(["HTTP", "gRPC"] as const)("merchants over %s", (wire) => {
  const clients = () => service.clientsOf(MerchantService)[wire];
  const users = () => service.clientsOf(UserService)[wire];

  async function register() {
    const { $typeName: _, ...requestedCredit } = rials("5000.00");
    const request = { ...newMerchant(), requestId: newId(), requestedCredit };
    const { merchant } = await clients().registerMerchant(request);
    return merchant!;
  }

  async function approve(merchantId: string, amount = "1000.00") {
    const creditLimit = { asset: "IRR", amount };
    return clients().approveMerchant(
      { requestId: newId(), merchantId, creditLimit },
      await admin(),
    );
  }

  test("a merchant registers, logs in, is approved, and sees how it stands", async () => {
    const { id, username, accountId } = await register();
    const { accessToken } = await users().login({ username, password });
    const me = { headers: { authorization: `Bearer ${accessToken}` } };
    const before = await clients().getCurrentMerchant({}, me);
    expect(before).toMatchObject({ merchant: { id, accountId, state: Merchant_State.PENDING } });
    expect(before.credit).toBeUndefined();
    await approve(id);
    expect(await clients().getCurrentMerchant({}, me)).toMatchObject({
      merchant: { id, state: Merchant_State.ACTIVE, creditLimit: { amount: "1000.00" } },
      credit: {
        creditLimit: { amount: "1000.00" },
        utilizedAmount: { amount: "0.00" },
        held: { amount: "0.00" },
        available: { amount: "1000.00" },
      },
      wallet: [{ total: { amount: "7.00" } }],
      withdrawalFee: { asset: "IRR", amount: "1.50" },
    });
  });

  test("an administrator suspends, reinstates and rejects, and gives another limit", async () => {
    const [{ id: merchantId }, options] = [await register(), await admin()];
    await approve(merchantId);
    const keyed = () => ({ requestId: newId(), merchantId });
    const suspended = await clients().suspendMerchant({ ...keyed(), reason: "audit" }, options);
    expect(suspended.merchant).toMatchObject({ state: Merchant_State.SUSPENDED, reason: "audit" });
    const again = await clients().reinstateMerchant(keyed(), options);
    expect(again.merchant).toMatchObject({ state: Merchant_State.ACTIVE, reason: "" });
    const creditLimit = { asset: "IRR", amount: "2.00" };
    const changed = await clients().setCreditLimit({ ...keyed(), creditLimit }, options);
    expect(changed.merchant?.creditLimit?.amount).toBe("2.00");
    const { id: other } = await register();
    const turned = { requestId: newId(), merchantId: other, reason: "no" };
    const rejected = await clients().rejectMerchant(turned, options);
    expect(rejected.merchant?.state).toBe(Merchant_State.REJECTED);
  });

  test("an administrator records what was paid back, once a key", async () => {
    const [{ id: merchantId }, options] = [await register(), await admin()];
    await approve(merchantId);
    world.credits.lines.get(merchantId)!.utilized = 50_000n;
    const amount = { asset: "IRR", amount: "200.00" };
    const request = { requestId: newId(), merchantId, amount, reference: "slip 7" };
    const first = await clients().recordRepayment(request, options);
    expect(first.credit?.utilizedAmount?.amount).toBe("300.00");
    let replayed: string | null = null;
    const onHeader = (header: Headers) => void (replayed = header.get("idempotent-replayed"));
    expect(await clients().recordRepayment(request, { ...options, onHeader })).toEqual(first);
    expect(replayed).toBe("true");
  });

  test("an administrator lists merchants and reads one with its credit", async () => {
    const [{ id, username }, options] = [await register(), await admin()];
    const waiting = { state: Merchant_State.PENDING, pageSize: 1 };
    const page = await clients().listMerchants(waiting, options);
    expect(page.merchants).toMatchObject([{ id, username }]);
    const shown = await clients().getMerchant({ merchantId: id.toUpperCase() }, options);
    expect(shown.merchant).toEqual(page.merchants[0]);
    expect(shown.credit).toBeUndefined();
    await approve(id);
    const { credit } = await clients().getMerchant({ merchantId: id }, options);
    expect(credit?.available?.amount).toBe("1000.00");
  });

  test("a merchant says where its money goes", async () => {
    const { id } = await register();
    const options = await service.as(id, "USER", "MERCHANT");
    const request = { requestId: newId(), bankAccount: "IR-7777" };
    const { merchant } = await clients().setBankAccount(request, options);
    expect(merchant?.bankAccount).toBe("IR-7777");
    const nowhere = { requestId: newId(), bankAccount: "" };
    expect(await reason(clients().setBankAccount(nowhere, options))).toBe("VALIDATION_FAILED");
  });

  test("S8 who is no administrator decides nothing and sees nobody else", async () => {
    const { id: merchantId } = await register();
    const creditLimit = { asset: "IRR", amount: "1.00" };
    const options = await service.as(merchantId, "USER", "MERCHANT");
    const client = clients();
    const requestId = newId();
    const calls = [
      client.approveMerchant({ requestId, merchantId, creditLimit }, options),
      client.rejectMerchant({ requestId, merchantId }, options),
      client.suspendMerchant({ requestId, merchantId }, options),
      client.reinstateMerchant({ requestId, merchantId }, options),
      client.setCreditLimit({ requestId, merchantId, creditLimit }, options),
      client.recordRepayment({ requestId, merchantId, amount: creditLimit }, options),
      client.listMerchants({}, options),
      client.getMerchant({ merchantId }, options),
    ];
    expect(new Set(await Promise.all(calls.map(reason)))).toEqual(new Set(["NOT_ALLOWED"]));
    expect(await reason(client.getMerchant({ merchantId }))).toBe("BAD_CREDENTIALS");
    const user = await service.as(newId(), "USER");
    expect(await reason(client.getCurrentMerchant({}, user))).toBe("NOT_ALLOWED");
  });

  test.each([
    ["a merchant that is no id", { merchantId: "7" }],
    ["no limit", { creditLimit: undefined }],
    ["a long remark", { remark: "x".repeat(141) }],
  ])("%s is refused", async (_, change) => {
    const creditLimit = { asset: "IRR", amount: "1.00" };
    const request = { requestId: newId(), merchantId: newId(), creditLimit, ...change };
    const call = clients().approveMerchant(request, await admin());
    expect(await reason(call)).toBe("VALIDATION_FAILED");
  });
});

test("S12 neither passwords nor whole bank accounts reach the log", async () => {
  const client = service.clientsOf(MerchantService).HTTP;
  const request = {
    ...newMerchant(),
    requestId: newId(),
    requestedCredit: { asset: "IRR", amount: "1" },
  };
  await client.registerMerchant(request);
  const lines = JSON.stringify(service.log.records);
  expect(lines).not.toContain(request.password);
  expect(lines).not.toContain(request.bankAccount);
});
