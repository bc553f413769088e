import { afterAll, expect, test } from "vitest";
import { CreateAssetResponseSchema } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import type { Billing } from "../context.ts";
import { houseAccountsOf } from "../domain/house-accounts.ts";
import { lossyProxy } from "../testing/lossy-proxy.ts";
import { callBy } from "../testing/test-credit.ts";
import { charge, newOwner, testBilling } from "../testing/test-billing.ts";
import { findFaults, testWriter } from "../testing/test-ledger.ts";
import { createAsset } from "./create-asset.ts";
import { listAssets } from "./list-assets.ts";
import { listBalances } from "./list-balances.ts";

const world = await testBilling();
const { billing, db } = world;
afterAll(async () => world[Symbol.asyncDispose]());

async function count(on: Billing, code: string, scale: number, call = callBy("admin")) {
  return createAsset(
    on,
    { code, scale },
    {
      call,
      schema: CreateAssetResponseSchema,
      toMessage: (asset) => ({ asset: { code: asset.code, scale: asset.scale } }),
    },
  );
}

const codesOf = (on: Billing) => listAssets(on).map(({ code }) => code);

test("a new asset is listed, has its house, and users are charged in it at once", async () => {
  expect(codesOf(billing)).toEqual(["ABAN", "BTC", "ETH", "IRR", "USDT"]);
  const call = callBy("admin");
  const { asset } = await count(billing, "SOL", 9, call);
  expect(asset).toMatchObject({ code: "SOL", scale: 9 });
  expect(codesOf(billing)).toEqual(["ABAN", "BTC", "ETH", "IRR", "SOL", "USDT"]);
  const userId = await newOwner(billing);
  await charge(billing, { userId, asset: "SOL", amount: "0.000000001" });
  const { ledger } = billing.assets.byCode("SOL")!;
  expect(await listBalances(billing, userId, {})).toContainEqual({
    ledger,
    availableMinor: 1n,
    heldMinor: 0n,
  });
  const house = houseAccountsOf({ ledger, code: "SOL", scale: 9 });
  const missing = await billing.writer.submit({
    eventCount: 1,
    decide: (turn) => house.filter(({ id }) => turn.ledger.account(id) === undefined),
  });
  expect([house.length > 5, missing]).toEqual([true, []]);
  expect(await findFaults(db)).toEqual([]);
});

test("the same asset again is the same answer, another scale is refused", async () => {
  const first = await count(billing, "DOGE", 8);
  const { ledger } = billing.assets.byCode("DOGE")!;
  expect(await count(billing, "DOGE", 8)).toEqual(first);
  expect(billing.assets.byCode("DOGE")).toEqual({ code: "DOGE", scale: 8, ledger });
  const other = await count(billing, "DOGE", 7).catch((error: unknown) => error);
  expect([reasonOf(other), (other as Error).message]).toEqual([
    "ASSET_EXISTS",
    expect.stringContaining("DOGE is counted with 8 decimals."),
  ]);
});

test("assets that come at once get ledgers of their own, each once", async () => {
  const codes = ["AAA", "BBB", "CCC", "AAA", "BBB", "CCC"];
  await Promise.all(codes.map(async (code) => count(billing, code, 3)));
  const ledgers = ["AAA", "BBB", "CCC"].map((code) => billing.assets.byCode(code)!.ledger);
  expect(new Set(ledgers).size).toBe(3);
});

test("an asset whose commit was stored but not acknowledged is there once", async () => {
  await using proxy = await lossyProxy(db.url);
  await using writer = await testWriter(proxy.url);
  const lossy = { ...billing, writer, assets: writer.assets };
  const before = codesOf(lossy);
  proxy.loseAnswersTo("ledger_commit");
  const call = callBy("admin");
  await count(lossy, "LTC", 8, call);
  expect([proxy.lostAnswers(), call.replayed]).toEqual([1, true]);
  expect(codesOf(lossy)).toEqual([...before, "LTC"].toSorted());
});

test("WR-5 nobody sees an asset before it is committed, and a restarted writer knows it", async () => {
  await using first = await testWriter(db.url);
  const own = { ...billing, writer: first, assets: first.assets };
  const created = count(own, "XRP", 6);
  expect(own.assets.byCode("XRP")).toBeUndefined();
  await created;
  expect(own.assets.byCode("XRP")).toMatchObject({ scale: 6 });
  await using second = await testWriter(db.url);
  const restarted = { ...billing, writer: second, assets: second.assets };
  expect(restarted.assets.all).toEqual(own.assets.all);
  const userId = await newOwner(restarted);
  await charge(restarted, { userId, asset: "XRP", amount: "0.000001" });
  expect(await findFaults(db)).toEqual([]);
});
