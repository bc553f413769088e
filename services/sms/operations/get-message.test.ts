import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import {
  ChargeState,
  Encoding,
  FailureReason,
  MessageSchema,
  MessageState,
  TrafficClass,
} from "#gen/mizan/sms/v1/message_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Tables } from "../store/tables.ts";
import { insertMessages } from "../testing/insert-messages.ts";
import { idAt } from "../testing/message-ids.ts";
import { getMessage } from "./get-message.ts";
import { toMessage } from "./messages.ts";

const stack = new AsyncDisposableStack();
const migrations = [new URL("../store/migrations/", import.meta.url)];
const db = stack.use(await testDatabase<Tables>({ migrations }));
afterAll(async () => stack.disposeAsync());

const irr = { asset: "IRR", scale: 2 };

test("a message shows all that is known of it, its creation from its id", async () => {
  const [accountId, id] = [newId(), idAt(Date.now() - 1000)];
  await insertMessages(db, [
    {
      id,
      accountId,
      content: "سلام",
      receiver: "989121234567",
      state: "FAILED",
      charge: "REFUNDED",
      lane: "EXPRESS",
      trafficClass: "OTP",
      price: 150_005,
      clientReference: "order-7",
      tags: ["a", "b"],
    },
  ]);
  await sql`
    update message set failure = 'NO_RECEIPT', provider = 'magfa', provider_id = '77', attempts = 2,
      promised_at = '2026-01-01T00:00:05Z', queued_at = '2026-01-01T00:00:01Z',
      sent_at = '2026-01-01T00:00:02Z', ended_at = '2026-01-01T00:00:03Z', revision = 5,
      updated_at = '2026-01-01T00:00:03Z', encoding = 'UCS2'
    where id = ${id}`.execute(db.sql);
  const message = create(MessageSchema, toMessage(await getMessage({ db }, accountId, id), irr));
  expect(message).toMatchObject({
    id,
    accountId,
    receiver: "+989121234567",
    sender: "3000505",
    content: "سلام",
    state: MessageState.FAILED,
    failure: FailureReason.NO_RECEIPT,
    isExpress: true,
    trafficClass: TrafficClass.OTP,
    encoding: Encoding.UCS2,
    segments: 1,
    price: { asset: "IRR", amount: "1500.05" },
    refunded: { asset: "IRR", amount: "1500.05" },
    chargeState: ChargeState.REFUNDED,
    provider: "magfa",
    providerMessageId: "77",
    attempts: 2,
    operator: "MCI",
    clientReference: "order-7",
    tags: ["a", "b"],
    revision: 5,
  });
  expect(timestampMs(message.createTime!)).toBe(
    Number.parseInt(id.replace("-", "").slice(0, 12), 16),
  );
  const { guaranteedDeliveryTime, queueTime, sendTime, endTime, updateTime } = message;
  const times = [guaranteedDeliveryTime, queueTime, sendTime, endTime, updateTime];
  const seconds = times.map((time) => timestampMs(time!) - Date.UTC(2026, 0, 1));
  expect(seconds).toEqual([5000, 1000, 2000, 3000, 3000]);
});

test("what a fresh message does not have yet is absent", async () => {
  const [accountId, id] = [newId(), newId()];
  await insertMessages(db, [{ id, accountId, state: "ACCEPTED", charge: "NONE" }]);
  await sql`update chunk set texts = '{}' where id = ${id}`.execute(db.sql);
  const message = create(MessageSchema, toMessage(await getMessage({ db }, accountId, id), irr));
  expect(message).toMatchObject({
    content: "",
    failure: FailureReason.UNSPECIFIED,
    refunded: { asset: "IRR", amount: "0.00" },
    provider: "",
    providerMessageId: "",
    clientReference: "",
    tags: [],
    revision: 1,
  });
  const { guaranteedDeliveryTime, queueTime, sendTime, endTime } = message;
  expect([guaranteedDeliveryTime, queueTime, sendTime, endTime]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("S7 somebody else's message is not found, and neither is one that there never was", async () => {
  const [accountId, id] = [newId(), newId()];
  await insertMessages(db, [{ id, accountId }]);
  for (const [whose, which] of [
    [newId(), id],
    [accountId, newId()],
    [accountId, "00000000-0000-4000-8000-000000000000"],
  ] as const) {
    const failure = await failureOf(getMessage({ db }, whose, which));
    expect(reasonOf(failure)).toBe("MESSAGE_NOT_FOUND");
  }
});
