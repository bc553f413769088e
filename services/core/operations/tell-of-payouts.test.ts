import { create } from "@bufbuild/protobuf";
import { afterAll, expect, test } from "vitest";
import { PayoutAlarm_Kind, PayoutAlarmSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { newId } from "#mesh/ids.ts";
import { textOf } from "../domain/notification.ts";
import { listNotifications } from "../store/notifications.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { ensureAdmin } from "./ensure-admin.ts";
import { registerUser } from "./register-user.ts";
import { tellOfPayouts } from "./tell-of-payouts.ts";

const { core, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());
await ensureAdmin(core, { username: "admin", password: "green tea pot 8" });
const { id: adminId } = (await core.db.sql
  .selectFrom("profile")
  .select("person_id as id")
  .where("username", "=", "admin")
  .executeTakeFirst())!;

const told = async (personId: string) =>
  listNotifications(core.db.sql, personId, { after: undefined, limit: 10 });

test("administrators, and nobody else, are told once of an alarm, with its values", async () => {
  const names = { username: "somebody", email: "", phoneNumber: "" };
  const request = { ...names, requestId: "", password: "blue tea pot 7" };
  const userId = (await registerUser(core, request, callWith())).user!.id;
  const before = await told(userId);
  const kind = PayoutAlarm_Kind.STATEMENT_DIFFERS;
  const detail = "The statement of 2026-01-31 differs.";
  const alarm = create(PayoutAlarmSchema, { kind, provider: "bank", detail });
  const meta = { id: newId(), atMs: Date.UTC(2026, 10, 1) };
  await transaction(core.db, async (tx) => {
    await tellOfPayouts(tx, alarm, meta);
    await tellOfPayouts(tx, alarm, meta);
  });
  const [first, ...more] = await told(adminId);
  expect(more).toEqual([]);
  expect(textOf(first!)).toBe("Bank bank: The statement of 2026-01-31 differs.");
  const values = { kind: "STATEMENT_DIFFERS", provider: "bank", payout_id: "", detail };
  expect(first).toMatchObject({ type: "PAYOUT_ALARM", values });
  expect(await told(userId)).toEqual(before);
});

test("P5 an alarm about a payout, of a kind that is not known here, is told all the same", async () => {
  const kind = 99 as PayoutAlarm_Kind;
  const payoutId = newId();
  const alarm = create(PayoutAlarmSchema, { kind, provider: "b", payoutId, detail: "Odd." });
  const meta = { id: newId(), atMs: Date.UTC(2026, 10, 2) };
  await transaction(core.db, async (tx) => tellOfPayouts(tx, alarm, meta));
  const [first] = await told(adminId);
  expect(textOf(first!)).toBe(`Payout ${payoutId}, bank b: Odd.`);
});
