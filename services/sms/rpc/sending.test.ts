import { Code, createClient, createRouterTransport, type Interceptor } from "@connectrpc/connect";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Encoding, MessageState, TrafficClass } from "#gen/mizan/sms/v1/message_pb.ts";
import { MessageService } from "#gen/mizan/sms/v1/message_service_pb.ts";
import { callerKey } from "#mesh/access.ts";
import { newId } from "#mesh/ids.ts";
import { idempotency } from "#mesh/interceptors/idempotency.ts";
import { validate } from "#mesh/interceptors/validation.ts";
import { failureOf, infoOf } from "#mesh/testing/failure.ts";
import { createAccept } from "../accept/accept.ts";
import { testSms } from "../testing/test-sms.ts";
import { sending } from "./sending.ts";

const { sms, ledger, ...world } = await testSms();
afterAll(async () => world[Symbol.asyncDispose]());

let accountId = "";
beforeEach(() => {
  accountId = newId();
  ledger.charge(accountId, 10n ** 9n);
});

const asPerson: Interceptor = (next) => async (request) => {
  const person = { id: accountId, roles: ["USER" as const], verificationLevel: 0 };
  request.contextValues.set(callerKey, { kind: "person", person });
  return next(request);
};
const client = createClient(
  MessageService,
  createRouterTransport(({ service }) => service(MessageService, sending(sms, createAccept(sms))), {
    router: { interceptors: [asPerson, validate, idempotency] },
  }),
);

describe("sending()", () => {
  test("a text is sent with all that its sender says of it", async () => {
    const { message } = await client.sendMessage({
      receiver: "0912 345 6789",
      content: "hello",
      sender: "10001",
      isExpress: true,
      trafficClass: TrafficClass.PROMOTIONAL,
      validity: { seconds: 60n, nanos: 500_000_000 },
      clientReference: "mine",
      tags: ["a", "b"],
    });
    expect(message).toMatchObject({
      accountId,
      receiver: "+989123456789",
      sender: "10001",
      state: MessageState.QUEUED,
      isExpress: true,
      trafficClass: TrafficClass.PROMOTIONAL,
      price: { asset: "IRR", amount: "1500.00" },
      refunded: { asset: "IRR", amount: "0.00" },
      clientReference: "mine",
      tags: ["a", "b"],
      revision: 2,
    });
    const validMs = 1000 * Number(message!.expireTime!.seconds) + message!.expireTime!.nanos / 1e6;
    const queuedMs = 1000 * Number(message!.queueTime!.seconds) + message!.queueTime!.nanos / 1e6;
    expect(validMs - queuedMs).toBeGreaterThan(55_000);
    expect(validMs - queuedMs).toBeLessThanOrEqual(60_500);
  });

  test("M12 a call that comes again is told so by its header", async () => {
    const replayed: (string | null)[] = [];
    const onHeader = (headers: Headers) => void replayed.push(headers.get("idempotent-replayed"));
    const request = { requestId: "once", receiver: "09123456789", content: "hello" };
    const first = await client.sendMessage(request, { onHeader });
    const again = await client.sendMessage(request, { onHeader });
    expect(again).toEqual(first);
    expect(replayed).toEqual([null, "true"]);
    const other = await failureOf(client.sendMessage({ ...request, content: "other" }));
    expect(infoOf(other).reason).toBe("IDEMPOTENCY_KEY_REUSED");
  });

  test("M13 a key of more than 255 characters is refused", async () => {
    const request = { receiver: "09123456789", content: "hello" };
    const long = await failureOf(client.sendMessage({ ...request, requestId: "k".repeat(256) }));
    expect(long.code).toBe(Code.InvalidArgument);
    const headers = { "idempotency-key": "k".repeat(256) };
    const header = await failureOf(client.sendMessage(request, { headers }));
    expect(infoOf(header).reason).toBe("INVALID_IDEMPOTENCY_KEY");
  });

  test("what texts leave empty is that of the defaults", async () => {
    const { results, accepted, price } = await client.sendMessages({
      messages: [
        { receiver: "09123456789" },
        { receiver: "09123456788", content: "سلام", sender: "3000505", tags: ["own"] },
        { content: "no receiver" },
      ],
      defaults: { content: "hello", sender: "10001", isExpress: true, tags: ["usual"] },
    });
    expect(results).toMatchObject([
      { index: 0, segments: 1, price: { amount: "1500.00" } },
      { index: 1, segments: 1, price: { amount: "1500.00" } },
      { index: 2, messageId: "", error: { reason: "INVALID_RECEIVER", domain: "mizan.sms" } },
    ]);
    expect([accepted, price?.amount]).toEqual([2, "3000.00"]);
  });

  test("a batch without defaults is sent too, and one field too long fails its text alone", async () => {
    const { results } = await client.sendMessages({
      messages: [
        { receiver: "09123456789", content: "hello", clientReference: "x".repeat(65) },
        { receiver: "09123456789", content: "hello" },
      ],
    });
    expect(results.map(({ error }) => error?.reason)).toEqual(["INVALID_FIELD", undefined]);
  });

  test("an estimate tells what a text would be", async () => {
    const { estimate } = await client.estimateMessage({
      content: "ok 👍",
      receiver: "09123456789",
    });
    expect(estimate).toMatchObject({
      encoding: Encoding.UCS2,
      segments: 1,
      units: 5,
      unitsLeft: 65,
      price: { asset: "IRR", amount: "1000.00" },
      receiver: "+989123456789",
      operator: "MCI",
      nonGsmChars: ["👍"],
      warnings: [],
    });
  });
});
