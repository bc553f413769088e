import { fromBinary } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { expect, test } from "vitest";
import {
  CreateMonitorResponseSchema,
  DeleteMonitorResponseSchema,
} from "#gen/mizan/billing/v1/audit_service_pb.ts";
import { BalanceCrossedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { derivedId, newId } from "#mesh/ids.ts";
import { MAX_MONITORS } from "#mesh/limits.ts";
import type { Billing } from "../context.ts";
import { availableAccount, chainCustodyAccount, operatorAccount } from "../domain/chart.ts";
import { houseAccountsOf } from "../domain/house-accounts.ts";
import { kindName } from "../domain/proof.ts";
import { toMonitor } from "../rpc/monitor-messages.ts";
import { callOf, charge, newOwner, testBilling } from "../testing/test-billing.ts";
import { make, testWriter, transferOf } from "../testing/test-ledger.ts";
import { createHolds } from "./create-holds.ts";
import { createMonitor, type Watch } from "./create-monitor.ts";
import { deleteMonitor } from "./delete-monitor.ts";
import { listMonitors } from "./list-monitors.ts";

const accountOf = (billing: Billing, ownerId: string) =>
  availableAccount(ownerId, billing.assets.byCode("IRR")!).id;

async function watch(billing: Billing, wanted: Partial<Watch>, key = newId()) {
  const usual = { field: "available", direction: "below", bound: "10.00", name: "low" } as const;
  const { monitor } = await createMonitor(
    billing,
    { accountId: "", ...usual, ...wanted },
    {
      call: callOf(key),
      schema: CreateMonitorResponseSchema,
      toMessage: ({ monitor: made, accountId, ledger }) => ({
        monitor: toMonitor({ monitor: made, accountId, asset: billing.assets.ofLedger(ledger) }),
      }),
    },
  );
  return monitor!;
}

const unwatch = (billing: Billing, id: string) =>
  deleteMonitor(billing, id, {
    call: callOf(),
    schema: DeleteMonitorResponseSchema,
    toMessage: () => ({}),
  });

/** What was told, in its order. */
async function crossings({ db }: Billing) {
  const found = await sql<{ payload: Uint8Array }>`
    select payload from outbox where subject like '%BalanceCrossed%' order by id`.execute(db.sql);
  return found.rows.map(({ payload }) => {
    const { monitor, balance } = fromBinary(BalanceCrossedSchema, payload);
    return [monitor!.name, monitor!.isBeyond, balance];
  });
}

const hold = (billing: Billing, ownerId: string, amount: string) =>
  createHolds(
    billing,
    { service: "sms", holds: [{ holdId: newId(), ownerId, asset: "IRR", amount, reference: "" }] },
    {},
  );

test("EXT-6 a monitor tells each time its balance crosses the bound, and only then", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const ownerId = await newOwner(billing, "20.00");
  const accountId = accountOf(billing, ownerId);
  expect(await watch(billing, { accountId })).toMatchObject({ isBeyond: false, bound: "10.00" });
  await watch(billing, {
    accountId,
    field: "posted",
    direction: "above",
    bound: "20",
    name: "full",
  });
  await hold(billing, ownerId, "10.00"); // the bound itself is not beyond it
  expect(await crossings(billing)).toEqual([]);
  await hold(billing, ownerId, "0.01");
  await hold(billing, ownerId, "1.00");
  await charge(billing, { userId: ownerId, amount: "5.00" });
  expect(await crossings(billing)).toEqual([
    ["low", true, "9.99"],
    ["low", false, "13.99"],
    ["full", true, "25.00"],
  ]);
});

test("EXT-6 a monitor outlives its writer, with the side on which the balance was", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const ownerId = await newOwner(billing, "9.00");
  const accountId = accountOf(billing, ownerId);
  const made = await watch(billing, { accountId });
  expect(made.isBeyond).toBe(true);
  await using writer = await testWriter(db.url);
  const next = { ...billing, writer };
  await charge(next, { userId: ownerId, amount: "0.50" });
  expect(await crossings(next)).toEqual([]);
  await charge(next, { userId: ownerId, amount: "0.50" });
  expect(await crossings(next)).toEqual([["low", false, "10.00"]]);
  const { rows } = await listMonitors(next, { pageSize: 100, pageToken: "" });
  expect(rows.find(({ monitor: { id } }) => id === made.id)).toMatchObject({
    accountId,
    monitor: { isBeyond: false, boundMinor: 1000n },
  });
});

test("a monitor that has ended tells nothing, and to end it again is no failure", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const ownerId = await newOwner(billing, "9.00");
  const { id } = await watch(billing, { accountId: accountOf(billing, ownerId) });
  await unwatch(billing, id);
  await unwatch(billing, id);
  await charge(billing, { userId: ownerId, amount: "5.00" });
  expect(await crossings(billing)).toEqual([]);
  const { rows } = await listMonitors(billing, { pageSize: 100, pageToken: "" });
  expect(rows.map(({ monitor }) => monitor.id)).not.toContain(id);
});

test("L6 the same call again is the same monitor", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const accountId = accountOf(billing, await newOwner(billing));
  const first = await watch(billing, { accountId }, "key");
  expect(await watch(billing, { accountId }, "key")).toEqual(first);
  const { rows } = await listMonitors(billing, { pageSize: 100, pageToken: "" });
  expect(rows.filter(({ monitor: { id } }) => id === first.id)).toHaveLength(1);
});

test("monitors are refused for unknown accounts, odd bounds, and beyond their number", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const accountId = accountOf(billing, await newOwner(billing));
  const reason = (wanted: Partial<Watch>) => watch(billing, wanted).catch(reasonOf);
  expect(await reason({ accountId: derivedId("nobody") })).toBe("ACCOUNT_NOT_FOUND");
  expect(await reason({ accountId, bound: "1.001" })).toBe("INVALID_AMOUNT");
  expect(await watch(billing, { accountId, bound: "-1.50" })).toMatchObject({ bound: "-1.50" });
  const { rows } = await listMonitors(billing, { pageSize: 1000, pageToken: "" });
  const left = MAX_MONITORS - rows.length;
  await Promise.all(Array.from({ length: left }, () => watch(billing, { accountId })));
  expect(await reason({ accountId })).toBe("TOO_MANY_MONITORS");
});

test("ACC-7 the house is watched in every asset from the start, and pages list all monitors once", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const names: string[] = [];
  for (let pageToken: string | undefined = ""; pageToken !== undefined;) {
    const page = await listMonitors(billing, { pageSize: 2, pageToken });
    names.push(...page.rows.map(({ monitor: { name } }) => name));
    pageToken = page.nextPageToken === "" ? undefined : page.nextPageToken;
  }
  const wanted = billing.assets.all.flatMap((asset) =>
    houseAccountsOf(asset)
      .filter(({ flags }) => flags === 0)
      .map(({ code }) => `Overdraft of ${kindName(code)} in ${asset.code}`),
  );
  expect(names.toSorted()).toEqual(wanted.toSorted());
});

test("ACC-7 an account of the house on the wrong side of zero is told of, whoever has opened it", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const asset = billing.assets.byCode("IRR")!;
  const custody = chainCustodyAccount("sim", "hot", asset);
  await billing.writer.submit({
    eventCount: 1,
    decide: ({ ledger, atUs }) => ledger.createAccounts([custody], atUs),
  });
  const move = async (debitAccountId: string, creditAccountId: string, amount: bigint) =>
    make(billing.writer, transferOf("", "", { debitAccountId, creditAccountId, amount }));
  const operator = operatorAccount(asset).id;
  await move(custody.id, operator, 500n);
  expect(await crossings(billing)).toEqual([]);
  await move(operator, custody.id, 700n);
  expect(await crossings(billing)).toEqual([
    ["Overdraft of operator in IRR", true, "-2.00"],
    ["Overdraft of chain custody in IRR", true, "2.00"],
  ]);
});
