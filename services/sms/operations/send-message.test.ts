import { create, toBinary } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { expect, test } from "vitest";
import {
  ChargeState,
  Encoding,
  MessageSchema,
  MessageState,
} from "#gen/mizan/sms/v1/message_pb.ts";
import { SendMessageResponseSchema } from "#gen/mizan/sms/v1/message_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { bucketOf, newId } from "#mesh/ids.ts";
import { failureOf, infoOf } from "#mesh/testing/failure.ts";
import { createAccept } from "../accept/accept.ts";
import { changesOf, countsOf, findFaults, pointersOf } from "../testing/state-of-sms.ts";
import { callOf, testSms, wasReplayed } from "../testing/test-sms.ts";
import { textOf } from "../testing/text-of.ts";
import { getMessage } from "./get-message.ts";
import { toMessage } from "./messages.ts";
import type { TextToSend } from "./prepare-text.ts";
import { sendMessage } from "./send-message.ts";

/** Sms with an account that has some money. */
async function testSender(amount: bigint, options: Parameters<typeof testSms>[0] = {}) {
  const world = await testSms(options);
  const { sms, ledger } = world;
  const accept = createAccept(sms);
  const accountId = newId();
  ledger.charge(accountId, amount);
  const send = async (text: Partial<TextToSend> = {}, call = callOf(accountId)) =>
    sendMessage(sms, accept, textOf(text), call);
  return { ...world, accept, accountId, send };
}

test("M1 a text of three parts takes the last 300, and the next has nothing left", async () => {
  await using world = await testSender(300n);
  const { sms, ledger, accountId, send, setRates } = world;
  setRates({ encoding: "UCS2", unitPrice: 100n }, { unitPrice: 230n });
  const content = "س".repeat(135); // 67 + 67 + 1
  const { message } = await send({ content });
  expect(message).toMatchObject({
    segments: 3,
    price: { asset: "IRR", amount: "3.00" },
    state: MessageState.QUEUED,
    chargeState: ChargeState.RESERVED,
  });
  const call = callOf(accountId);
  const refusal = await failureOf(send({ content }, call));
  expect(infoOf(refusal)).toMatchObject({
    reason: "INSUFFICIENT_FUNDS",
    metadata: { price: "3.00 IRR" },
  });
  expect([ledger.available(accountId), ledger.held(accountId)]).toEqual([0n, 300n]);
  const { rows } = await sql`select (select count(*) from message) as messages,
    (select count(*) from chunk) as chunks, (select count(*) from task) as tasks,
    (select count(*) from ledger_step) as steps`.execute(sms.db.sql);
  expect(rows).toEqual([{ messages: 1, chunks: 1, tasks: 1, steps: 0 }]);
  expect(await changesOf(sms)).toHaveLength(1);
  ledger.charge(accountId, 300n);
  const again = callOf(accountId, { key: keyOf(call) });
  expect(reasonOf(await failureOf(send({ content }, again)))).toBe("INSUFFICIENT_FUNDS"); // IDEM-7
  expect([wasReplayed(call), wasReplayed(again)]).toEqual([false, true]);
});

test("M2 a price that is all there is leaves exactly nothing", async () => {
  await using world = await testSender(100_000n);
  await world.send();
  expect(world.ledger.available(world.accountId)).toBe(0n);
});

test("M3 of a thousand at once exactly the 500 go that the money covers", async () => {
  await using world = await testSender(500n * 100_000n);
  const { sms, ledger, accountId, send } = world;
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async () => send().catch((error: unknown) => reasonOf(error))),
  );
  const refused = answers.filter((answer) => answer === "INSUFFICIENT_FUNDS");
  expect([refused.length, answers.length]).toEqual([500, 1000]);
  expect(new Set(answers.map(idOf)).size).toBe(501);
  expect([ledger.available(accountId), ledger.held(accountId)]).toEqual([0n, 500n * 100_000n]);
  expect(await countsOf(sms)).toEqual({ "QUEUED RESERVED": 500 });
  expect(await findFaults(sms)).toEqual([]);
  const asked = ledger.calls.reduce((sum, { items }) => sum + items, 0);
  expect([asked, ledger.calls.length < 100]).toEqual([1000, true]); // MON-2
});

test("M4 a part costs what its letters cost, and more on the express lane", async () => {
  await using world = await testSender(10_000n);
  const { send, setRates } = world;
  setRates(
    { lane: "EXPRESS", encoding: "GSM7", unitPrice: 330n },
    { encoding: "GSM7", unitPrice: 230n },
    { encoding: "UCS2", unitPrice: 100n },
  );
  const priceOf = async (text: Partial<TextToSend>) => (await send(text)).message?.price?.amount;
  expect(await priceOf({ content: "hello" })).toBe("2.30");
  expect(await priceOf({ content: "سلام" })).toBe("1.00");
  expect(await priceOf({ content: "hello", isExpress: true })).toBe("3.30");
  expect(await priceOf({ content: "hello", trafficClass: "OTP" })).toBe("3.30");
  expect(await priceOf({ content: "سلام", trafficClass: "OTP" })).toBe("1.00");
});

test("M12 fifty at once under one key are one message, one hold and one answer", async () => {
  await using world = await testSender(1_000_000n);
  const { sms, ledger, accountId, send } = world;
  const calls = Array.from({ length: 50 }, async () => {
    for (;;) {
      const call = callOf(accountId, { key: "the one" });
      const answer = await send({}, call).catch((error: unknown) => error);
      if (reasonOf(answer) === undefined) return { answer, isReplay: wasReplayed(call) };
      expect(reasonOf(answer)).toBe("IDEMPOTENCY_IN_PROGRESS");
    }
  });
  const answers = await Promise.all(calls);
  const bytes = answers.map(({ answer }) =>
    Buffer.from(toBinary(SendMessageResponseSchema, answer as never)).toString("hex"),
  );
  expect(new Set(bytes).size).toBe(1);
  expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
  expect(await countsOf(sms)).toEqual({ "QUEUED RESERVED": 1 });
  expect(ledger.holds.size).toBe(1);
});

test("M13 a key is for one request, and one that is not answered yet is in progress", async () => {
  await using world = await testSender(1_000_000n);
  const { ledger, accountId, send } = world;
  const { message } = await send({}, callOf(accountId, { key: "k" }));
  const other = await failureOf(send({ content: "x" }, callOf(accountId, { key: "k", body: "x" })));
  expect(infoOf(other)).toMatchObject({ reason: "IDEMPOTENCY_KEY_REUSED" });
  const again = await send({}, callOf(accountId, { key: "k" }));
  expect(again.message?.id).toBe(message?.id);
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  ledger.trouble.gate = async () => {
    reached.resolve();
    await gate.promise;
  };
  const first = send({}, callOf(accountId, { key: "slow" }));
  await reached.promise;
  const early = await failureOf(send({}, callOf(accountId, { key: "slow" })));
  expect(reasonOf(early)).toBe("IDEMPOTENCY_IN_PROGRESS");
  expect(early.metadata.get("retry-after")).toBe("1");
  const reused = await failureOf(send({}, callOf(accountId, { key: "slow", body: "x" })));
  expect(reasonOf(reused)).toBe("IDEMPOTENCY_KEY_REUSED");
  gate.resolve();
  await first;
  const late = await send({}, callOf(accountId, { key: "slow" }));
  expect(late).toEqual(await first);
});

test("M27 a country that is not allowed is refused before anything is stored or charged", async () => {
  await using world = await testSender(1_000_000n);
  const { sms, ledger, accountId, send } = world;
  const call = callOf(accountId, { key: "k" });
  const refusal = await failureOf(send({ receiver: "+447400123456" }, call));
  expect(infoOf(refusal)).toMatchObject({ reason: "GEO_BLOCKED", metadata: { country: "GB" } });
  expect(await countsOf(sms)).toEqual({});
  expect(ledger.calls).toEqual([]);
  await send({}, callOf(accountId, { key: "k", body: "corrected" })); // IDEM-2: it was not stored
});

test("IDEM-2 what was accepted stays the answer of its key when the terms have changed", async () => {
  await using world = await testSender(1_000_000n);
  const { sms, accept, ledger, accountId, send } = world;
  const { message } = await send({}, callOf(accountId, { key: "k" }));
  const stricter = { ...sms, terms: { ...sms.terms, countries: ["GB"] } };
  const sendLater = async (call: ReturnType<typeof callOf>) =>
    sendMessage(stricter, accept, textOf({ receiver: "+989123456789" }), call);
  const again = callOf(accountId, { key: "k" });
  expect((await sendLater(again)).message).toEqual(message);
  expect(wasReplayed(again)).toBe(true);
  const other = await failureOf(sendLater(callOf(accountId, { key: "k", body: "x" })));
  expect(reasonOf(other)).toBe("IDEMPOTENCY_KEY_REUSED");
  const fresh = await failureOf(sendLater(callOf(accountId, { key: "l" })));
  expect(reasonOf(fresh)).toBe("GEO_BLOCKED");
  ledger.charge(accountId, -ledger.available(accountId));
  const unpaid = callOf(accountId, { key: "poor" });
  expect(reasonOf(await failureOf(send({}, unpaid)))).toBe("INSUFFICIENT_FUNDS");
  expect(reasonOf(await failureOf(sendLater(unpaid)))).toBe("INSUFFICIENT_FUNDS");
});

test("IDEM-2 a text that is refused now is in progress as long as its key is", async () => {
  await using world = await testSender(1_000_000n);
  const { sms, accept, ledger, accountId, send } = world;
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  ledger.trouble.gate = async () => {
    reached.resolve();
    await gate.promise;
  };
  const first = send({}, callOf(accountId, { key: "slow" }));
  await reached.promise;
  const stricter = { ...sms, terms: { ...sms.terms, countries: ["GB"] } };
  const text = textOf({ receiver: "+989123456789" });
  const early = sendMessage(stricter, accept, text, callOf(accountId, { key: "slow" }));
  expect(reasonOf(await failureOf(early))).toBe("IDEMPOTENCY_IN_PROGRESS");
  gate.resolve();
  await first;
});

test("the answer of a send is what is read afterwards", async () => {
  await using world = await testSender(1_000_000n);
  const { sms, accountId, send } = world;
  for (const text of [
    { content: "code 1234", trafficClass: "OTP", tags: ["a", 'b"\\{},', "NULL"] },
    { content: 'a "text" \\ with {braces},\nand lines', clientReference: '"\\', validityMs: 1500 },
    { content: "“curly”", smartEncoding: true, sender: "10001", receiver: "+98 (912) 345 6789" },
  ] as const) {
    const call = callOf(accountId);
    const { message } = await send(text, call);
    const read = await getMessage(sms, accountId, message!.id);
    expect(message).toEqual(create(MessageSchema, toMessage(read, sms.currency)));
    expect(message?.content).toBe(text.content.replaceAll(/[“”]/g, '"'));
    expect(message?.encoding).toBe(Encoding.GSM7);
  }
});

test("LANE-1 what is promised and when it expires counts from the acceptance", async () => {
  await using world = await testSender(1_000_000n);
  const { message: otp } = await world.send({ trafficClass: "OTP" });
  const { message: bulk } = await world.send({ validityMs: 90_000 });
  const seconds = (one: "guaranteedDeliveryTime" | "expireTime", of = otp) =>
    Math.round(Number(of![one]!.seconds) - Number(of!.createTime!.seconds));
  expect([5, 6]).toContain(seconds("guaranteedDeliveryTime"));
  expect([600, 601]).toContain(seconds("expireTime"));
  expect([90, 91]).toContain(seconds("expireTime", bulk));
  expect(bulk?.guaranteedDeliveryTime).toBeUndefined();
  const [hold] = [...world.ledger.holds.values()].slice(-1);
  expect(hold!.reference).toBe("sms +98912***6789");
  const untilMs = hold!.expireMs! - Number(bulk!.expireTime!.seconds) * 1000; // MON-6
  expect(untilMs - 48 * 3600 * 1000).toBeGreaterThanOrEqual(0);
  expect(untilMs - 48 * 3600 * 1000).toBeLessThanOrEqual(2000);
});

test("a message is told and pointed to when it is queued, in the lane of its account", async () => {
  await using world = await testSender(1_000_000n);
  const { sms, accountId, send } = world;
  const { message: bulk } = await send({ clientReference: "order 7" });
  const { message: express } = await send({ isExpress: true });
  expect(await changesOf(sms)).toMatchObject([
    { messageId: bulk!.id, accountId, revision: 2, clientReference: "order 7" },
    { messageId: express!.id, accountId, state: MessageState.QUEUED, price: express!.price },
  ]);
  const subjects = [...(await pointersOf(sms)).values()];
  expect(subjects.toSorted()).toEqual([
    `sms.bulk.magfa.${bucketOf(accountId)}`,
    "sms.express.magfa",
  ]);
});

test("what costs nothing is sent without a hold", async () => {
  await using world = await testSender(0n);
  const { sms, ledger, send, setRates } = world;
  setRates({ unitPrice: 0n });
  const { message } = await send();
  expect(message?.chargeState).toBe(ChargeState.NONE);
  expect(ledger.calls).toEqual([]);
  expect(await countsOf(sms)).toEqual({ "QUEUED NONE": 1 });
  expect(await findFaults(sms)).toEqual([]);
});

function idOf(answer: unknown): string | undefined {
  return (answer as { message?: { id: string } }).message?.id;
}

function keyOf(call: ReturnType<typeof callOf>): string {
  return call.values.get(callKey)!.key;
}
