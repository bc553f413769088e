import { create } from "@bufbuild/protobuf";
import { afterAll, expect, test } from "vitest";
import { Audit_State, BalanceMonitor_Direction } from "#gen/mizan/billing/v1/audit_pb.ts";
import {
  AssetCreatedSchema,
  AuditFinishedSchema,
  BalanceCrossedSchema,
} from "#gen/mizan/billing/v1/events_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { newId } from "#mesh/ids.ts";
import { textOf } from "../domain/notification.ts";
import { listNotifications } from "../store/notifications.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { ensureAdmin } from "./ensure-admin.ts";
import { registerUser } from "./register-user.ts";
import { tellOfAsset, tellOfAudit, tellOfBalance } from "./tell-of-ledger.ts";

const { core, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());
await ensureAdmin(core, { username: "admin", password: "green tea pot 8" });
const { id: adminId } = (await core.db.sql
  .selectFrom("profile")
  .select("person_id as id")
  .where("username", "=", "admin")
  .executeTakeFirst())!;

const told = async (personId: string) =>
  (await listNotifications(core.db.sql, personId, { after: undefined, limit: 10 })).map(textOf);

test("administrators, and nobody else, are told once of a balance that has crossed its bound", async () => {
  const names = { username: "somebody", email: "", phoneNumber: "" };
  const request = { ...names, requestId: "", password: "blue tea pot 7" };
  const userId = (await registerUser(core, request, callWith())).user!.id;
  const before = await told(userId);
  const monitor = {
    name: "The desk has less than no IRR",
    asset: "IRR",
    bound: "0.00",
    direction: BalanceMonitor_Direction.BELOW,
  };
  const crossing = (isBeyond: boolean, balance: string) =>
    create(BalanceCrossedSchema, { monitor: { ...monitor, isBeyond }, balance });
  const meta = { id: newId(), atMs: Date.UTC(2026, 10, 1) };
  await transaction(core.db, async (tx) => {
    await tellOfBalance(tx, crossing(true, "-5.00"), meta);
    await tellOfBalance(tx, crossing(true, "-5.00"), meta);
  });
  const later = { id: newId(), atMs: meta.atMs + 1000 };
  await transaction(core.db, async (tx) => tellOfBalance(tx, crossing(false, "1.00"), later));
  expect(await told(adminId)).toEqual([
    "The desk has less than no IRR: 1.00 IRR is not below the bound of 0.00.",
    "The desk has less than no IRR: -5.00 IRR is below the bound of 0.00.",
  ]);
  expect(await told(userId)).toEqual(before);
});

test("administrators are told of a new asset", async () => {
  const asset = create(AssetCreatedSchema, { code: "DOGE", scale: 8 });
  await transaction(core.db, async (tx) => tellOfAsset(tx, asset, { atMs: Date.now() }));
  expect(await told(adminId)).toContain("The ledger counts DOGE from now on, to 8 decimals.");
});

test("administrators are told once of an audit that has failed, and of no other", async () => {
  const finished = (state: Audit_State, id: string) =>
    create(AuditFinishedSchema, { audit: { id, state, discrepancyCount: 3n } });
  const [failed, passed] = [newId(), newId()];
  await transaction(core.db, async (tx) => {
    await tellOfAudit(tx, finished(Audit_State.FAILED, failed), { atMs: Date.now() });
    await tellOfAudit(tx, finished(Audit_State.FAILED, failed), { atMs: Date.now() });
    await tellOfAudit(tx, finished(Audit_State.PASSED, passed), { atMs: Date.now() });
  });
  const texts = (await told(adminId)).filter((text) => text.includes("audit"));
  expect(texts).toEqual([`The audit ${failed} of the ledger has found 3 discrepancies.`]);
});
