import { afterAll, describe, expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import { createAccept } from "../accept/accept.ts";
import { callOf, testSms } from "../testing/test-sms.ts";
import { textOf } from "../testing/text-of.ts";
import { estimateMessage } from "./estimate-message.ts";
import { sendMessage } from "./send-message.ts";

const { sms, ledger, setRates, ...world } = await testSms();
afterAll(async () => world[Symbol.asyncDispose]());
setRates(
  { operator: "MCI", encoding: "UCS2", unitPrice: 90n },
  { encoding: "UCS2", unitPrice: 100n },
  { unitPrice: 230n },
);

describe("estimateMessage()", () => {
  test.each([
    {},
    { content: "س".repeat(71) },
    { content: "ok 👍", isExpress: true },
    { content: "“ok”", smartEncoding: true },
    { content: "€".repeat(152), receiver: "09351234567" },
    { trafficClass: "OTP", sender: "10001" },
  ] as const)("RATE-4 the estimate of %j is what it costs to send", async (fields) => {
    const text = textOf(fields);
    const { price, segments, receiver, operator } = estimateMessage(sms, text);
    const accountId = newId();
    ledger.charge(accountId, price);
    const { message } = await sendMessage(sms, createAccept(sms), text, callOf(accountId));
    expect(message).toMatchObject({ segments, receiver, operator });
    expect(ledger.available(accountId)).toBe(0n);
  });

  test("API-2 it says what makes a text UCS-2, how much room is left, and what would be cheaper", () => {
    const content = `${"x".repeat(70)}“”…`;
    expect(estimateMessage(sms, textOf({ content }))).toMatchObject({
      encoding: "UCS2",
      units: 73,
      unitsLeft: 61,
      segments: 2,
      nonGsmChars: ["“", "”", "…"],
      warnings: ["With smart_encoding the text would be GSM7 and have 1 part."],
    });
    expect(estimateMessage(sms, textOf({ content, smartEncoding: true }))).toMatchObject({
      encoding: "GSM7",
      units: 75,
      unitsLeft: 85,
      nonGsmChars: [],
      warnings: [],
    });
  });

  test("a text may be looked at without a receiver, at the price of any operator", () => {
    const estimate = estimateMessage(sms, textOf({ receiver: "", content: "سلام" }));
    expect(estimate).toMatchObject({ receiver: "", operator: "", price: 100n, warnings: [] });
  });

  test("what can not be sent can not be estimated", () => {
    expect(() => estimateMessage(sms, textOf({ content: " " }))).toThrow("The text is empty.");
  });
});
