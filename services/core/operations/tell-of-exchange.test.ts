import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { afterAll, expect, test } from "vitest";
import { MarketChangedSchema, TriggerFiredSchema } from "#gen/mizan/matching/v1/events_pb.ts";
import { Market_State } from "#gen/mizan/matching/v1/market_pb.ts";
import { Trigger_State } from "#gen/mizan/matching/v1/trigger_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { newId } from "#mesh/ids.ts";
import { textOf } from "../domain/notification.ts";
import { listNotifications } from "../store/notifications.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { ensureAdmin } from "./ensure-admin.ts";
import { registerUser } from "./register-user.ts";
import { isHalted, tellOfMarket, tellOfTrigger } from "./tell-of-exchange.ts";

const { core, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());
await ensureAdmin(core, { username: "admin", password: "green tea pot 8" });
const { id: adminId } = (await core.db.sql
  .selectFrom("profile")
  .select("person_id as id")
  .where("username", "=", "admin")
  .executeTakeFirst())!;

const told = async (personId: string) => {
  const all = await listNotifications(core.db.sql, personId, { after: undefined, limit: 10 });
  return all.map((one) => ({ type: one.type, text: textOf(one) }));
};
const join = async (username: string) => {
  const request = { requestId: "", username, email: "", phoneNumber: "" };
  const password = "blue tea pot 7";
  return (await registerUser(core, { ...request, password }, callWith())).user!.id;
};

test("DESK-2 an owner is told once what became of each trigger", async () => {
  const userId = await join("trader");
  const orderId = newId();
  const trigger = { userId, market: "ABAN-IRR", price: "52000", updateTime: timestampFromMs(9) };
  const fired = create(TriggerFiredSchema, {
    trigger: { ...trigger, id: newId(), state: Trigger_State.FIRED, orderId },
  });
  const failed = create(TriggerFiredSchema, {
    trigger: {
      ...trigger,
      id: newId(),
      state: Trigger_State.FAILED,
      reason: "INSUFFICIENT_FUNDS",
      updateTime: timestampFromMs(10),
    },
  });
  await transaction(core.db, async (tx) => {
    for (const event of [fired, failed, fired]) await tellOfTrigger(tx, event);
  });
  expect((await told(userId)).filter(({ type }) => type.startsWith("TRIGGER"))).toEqual([
    {
      type: "TRIGGER_FAILED",
      text: "ABAN-IRR has reached 52000, but your order was refused: INSUFFICIENT_FUNDS",
    },
    {
      type: "TRIGGER_FIRED",
      text: `ABAN-IRR has reached 52000: your order ${orderId} is placed.`,
    },
  ]);
});

test("BOOK-6 administrators are told of a market that halts by itself, not of other changes", async () => {
  const changed = (state: Market_State, reason: string) =>
    create(MarketChangedSchema, { market: { symbol: "ABAN-IRR", state }, reason });
  const halted = changed(Market_State.HALT, "PRICE_BAND");
  const others = [changed(Market_State.HALT, ""), changed(Market_State.TRADING, "")];
  expect([halted, ...others].map((event) => isHalted(event))).toEqual([true, false, false]);
  const meta = () => ({ id: newId(), atMs: Date.UTC(2026, 10, 1) });
  const once = meta();
  await transaction(core.db, async (tx) => {
    await tellOfMarket(tx, halted, once);
    await tellOfMarket(tx, halted, once);
    for (const event of others) await tellOfMarket(tx, event, meta());
  });
  expect(await told(adminId)).toEqual([
    { type: "MARKET_HALTED", text: "ABAN-IRR is halted: PRICE_BAND" },
  ]);
});
