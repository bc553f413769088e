import { describe, expect, test } from "vitest";
import { ConnectError } from "@connectrpc/connect";
import type { RateCard } from "../domain/rate-card.ts";
import { infoOf } from "#mesh/testing/failure.ts";
import { textOf } from "../testing/text-of.ts";
import { type Policy, prepareText, type TextToSend } from "./prepare-text.ts";

const card: RateCard = {
  version: 1,
  asset: "IRR",
  rates: [
    { operator: "IRANCELL", encoding: "UCS2", unitPrice: 90n },
    { lane: "EXPRESS", encoding: "GSM7", unitPrice: 330n },
    { lane: "BULK", encoding: "GSM7", unitPrice: 230n },
  ],
};

const terms = {
  senders: ["3000505", "10001"],
  countries: ["IR"],
  maxSegments: 4,
  validityMs: { EXPRESS: 600_000, BULK: 36_000_000 },
  promiseMs: 5000,
};

const prepare = (text: Partial<TextToSend>, policy: Partial<Policy> = {}) =>
  prepareText(textOf(text), { terms, card, ...policy });

function refusalOf(text: Partial<TextToSend>) {
  try {
    return prepare(text);
  } catch (error) {
    if (error instanceof ConnectError) return infoOf(error);
    throw error;
  }
}

describe("prepareText()", () => {
  test("a plain text goes by the bulk lane, from the usual line", () => {
    expect(prepare({ tags: ["a"], clientReference: "mine" })).toEqual({
      receiver: "+989123456789",
      operator: "MCI",
      sender: "3000505",
      content: "hello",
      lane: "BULK",
      trafficClass: "TRANSACTIONAL",
      encoding: "GSM7",
      segments: 1,
      price: 230n,
      validityMs: 36_000_000,
      promiseMs: undefined,
      clientReference: "mine",
      tags: ["a"],
    });
  });

  test.each([{ isExpress: true }, { trafficClass: "OTP" }] as const)(
    "LANE-1 %j goes by the express lane, with its price, its promise and its time",
    (text) => {
      const express = { lane: "EXPRESS", price: 330n, promiseMs: 5000, validityMs: 600_000 };
      expect(prepare(text)).toMatchObject(express);
    },
  );

  test("RATE-4 every part is paid for, at the price of its operator and letters", () => {
    const content = "س".repeat(71);
    expect(prepare({ content, receiver: "09351234567" })).toMatchObject({
      operator: "IRANCELL",
      encoding: "UCS2",
      segments: 2,
      price: 180n,
    });
  });

  const long = "x".repeat(4 * 153);
  test("SEG-9 as many parts as the account allows go, and fewer if the sender wants it so", () => {
    expect(prepare({ content: long }).segments).toBe(4);
    const values = (allowed: string, segments: string) => ({
      reason: "TOO_MANY_SEGMENTS",
      metadata: { allowed, segments },
    });
    expect(refusalOf({ content: `${long}x` })).toMatchObject(values("4", "5"));
    expect(refusalOf({ content: `${long}x`, maxSegments: 255 })).toMatchObject(values("4", "5"));
    expect(refusalOf({ content: long, maxSegments: 3 })).toMatchObject(values("3", "4"));
  });

  test.each([
    [{ content: "a\uD83D" }, "INVALID_BODY", { position: "1" }],
    [{ content: "👍\uDC4D" }, "INVALID_BODY", { position: "2" }],
    [{ content: "a\0\uD83D" }, "INVALID_BODY", { position: "1" }],
    [{ content: "" }, "EMPTY_BODY", {}],
    [{ content: " \n\t\u00A0\u2003\uFEFF" }, "EMPTY_BODY", {}],
    [{ content: " \u200C\u200F \u200B" }, "EMPTY_BODY", {}],
    [{ receiver: "" }, "INVALID_RECEIVER", { receiver: "" }],
    [{ receiver: "02112345678" }, "INVALID_RECEIVER", { receiver: "02112345678" }],
    [{ receiver: "+447400123456" }, "GEO_BLOCKED", { country: "GB" }],
    [{ sender: "5000" }, "SENDER_NOT_ALLOWED", { sender: "5000" }],
    [{ content: "سلام" }, "NO_RATE", {}], // MCI, and no rate for UCS-2
    [{ clientReference: "\uDC00" }, "INVALID_FIELD", { field: "client_reference" }],
  ] as const)("%j is %s %j", (text, reason, metadata) => {
    expect(refusalOf(text)).toMatchObject({ reason, domain: "mizan.sms", metadata });
  });

  test("MON-1 of several faults the first one answers", () => {
    const faults = [
      ["INVALID_FIELD", { clientReference: "x".repeat(65) }, { clientReference: "" }],
      ["INVALID_BODY", { content: " \uDC00" }, { content: " " }],
      ["EMPTY_BODY", {}, { content: "س".repeat(700) }],
      ["GEO_BLOCKED", { receiver: "+447400123456" }, { receiver: "09123456789" }],
      ["SENDER_NOT_ALLOWED", { sender: "5000" }, { sender: "" }],
      ["TOO_MANY_SEGMENTS", {}, { content: "سلام" }],
      ["NO_RATE", {}, { receiver: "09351234567" }],
    ] as const;
    const text: Partial<TextToSend> = Object.assign({}, ...faults.map(([, broken]) => broken));
    for (const [reason, , mended] of faults) {
      expect(refusalOf(text)).toMatchObject({ reason });
      Object.assign(text, mended);
    }
    expect(prepare(text).price).toBe(90n);
  });

  test("SEG-8 a text of typographic characters goes as GSM-7 when its sender wants it", () => {
    const content = "“ok” – 3…";
    const rate = { receiver: "09351234567" };
    expect(prepare({ ...rate, content })).toMatchObject({ content, encoding: "UCS2" });
    const smart = { content: '"ok" - 3...', encoding: "GSM7", price: 230n };
    expect(prepare({ ...rate, content, smartEncoding: true })).toMatchObject(smart);
  });
});
