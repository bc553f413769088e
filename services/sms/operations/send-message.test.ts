import { sql } from "kysely";
import { expect, test } from "vitest";
import { ChargeState, MessageState } from "#gen/mizan/sms/v1/message_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { createAccept } from "../accept/accept.ts";
import { callOf, testSms, wasReplayed } from "../testing/test-sms.ts";
import { textOf } from "../testing/text-of.ts";
import { getMessage } from "./get-message.ts";
import { toMessage } from "./messages.ts";
import { sendMessage } from "./send-message.ts";
import { create } from "@bufbuild/protobuf";
import { MessageSchema } from "#gen/mizan/sms/v1/message_pb.ts";

test("M1 a text of three parts takes the last 300, and the next has nothing left", async () => {
  await using world = await testSms();
  const { sms, ledger, setRates } = world;
  setRates({ encoding: "UCS2", unitPrice: 100n }, { unitPrice: 230n });
  const accept = createAccept(sms);
  const accountId = newId();
  ledger.charge(accountId, 300n);
  const content = "س".repeat(135); // 67 + 67 + 1
  const { message } = await sendMessage(sms, accept, textOf({ content }), callOf(accountId));
  expect(message).toMatchObject({
    segments: 3,
    price: { asset: "IRR", amount: "3.00" },
    state: MessageState.QUEUED,
    chargeState: ChargeState.RESERVED,
  });
  expect([ledger.available(accountId), ledger.held(accountId)]).toEqual([0n, 300n]);
  const refused = sendMessage(sms, accept, textOf({ content }), callOf(accountId));
  expect(reasonOf(await failureOf(refused))).toBe("INSUFFICIENT_FUNDS");
  expect([ledger.available(accountId), ledger.held(accountId)]).toEqual([0n, 300n]);
  const { rows } = await sql`select count(*)::int as count, count(distinct chunk_id)::int as chunks,
    (select count(*)::int from chunk) as all_chunks, (select count(*)::int from task) as tasks
    from message`.execute(sms.db.sql);
  expect(rows).toEqual([{ count: 1, chunks: 1, all_chunks: 1, tasks: 1 }]);
});

test("the answer of a send is what is read afterwards", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accept = createAccept(sms);
  const accountId = newId();
  ledger.charge(accountId, 1_000_000n);
  for (const text of [
    textOf({ content: "code 1234", trafficClass: "OTP", tags: ["a", 'b"\\{},'] }),
    textOf({
      content: 'a "text" \\ with {braces},\nand lines',
      clientReference: '"\\',
      validityMs: 1500,
    }),
  ]) {
    const call = callOf(accountId);
    const { message } = await sendMessage(sms, accept, text, call);
    expect(wasReplayed(call)).toBe(false);
    const read = await getMessage(sms, accountId, message!.id);
    expect(message).toEqual(create(MessageSchema, toMessage(read, sms.currency)));
  }
});
