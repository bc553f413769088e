import fc from "fast-check";
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { describe, expect, test } from "vitest";
import { parseReceiver } from "./receiver.ts";

const mobile = { number: "+989123456789", country: "IR", isMobile: true };
const invalid = { refused: "INVALID_RECEIVER" };
const everywhere = { countries: [...getCountries(), "001"], fixedLines: true };

describe("parseReceiver()", () => {
  test.each([
    "09123456789",
    "9123456789",
    "989123456789",
    "+989123456789",
    "00989123456789",
    "+9809123456789",
    "00980912 345 6789",
    "9809123456789",
    "۰۹۱۲۳۴۵۶۷۸۹",
    "٠٩١٢٣٤٥٦٧٨٩",
    "０９１２３４５６７８９",
    "۰۹۱2۳٤٥６۷۸۹",
    "+۹۸۹۱۲۳۴۵۶۷۸۹",
    "۰۰۹۸۹۱۲۳۴۵۶۷۸۹",
    "＋98 912 345 6789",
    "+98 0912 345 6789",
    "+98 (0)912-345-6789",
    "+98 (912) 345.67.89",
    "(0912) 3456789",
    " 0912\u00A0345\u20096789\n",
    "0 0 9 8 9 1 2 3 4 5 6 7 8 9",
    "0912–345–6789",
    "0912/3456789",
    "\u202A+98 912 345 6789\u202C", // as a list of contacts copies it
    "\u200E09123456789",
  ])("%j is the mobile +989123456789 (NUM-2, NUM-3)", (input) => {
    expect(parseReceiver(input)).toEqual(mobile);
  });

  test.each([
    "",
    " ",
    "+",
    "0",
    "00",
    "0912345678",
    "091234567890",
    "+98912345678",
    "+9891234567890",
    "+98 00912 345 6789",
    "00912345678",
    "0009123456789",
    "++989123456789",
    "+00989123456789",
    "09123456789+",
    "98+9123456789",
    "0912345678a",
    "09123456789 ext 5",
    "09123456789;ext=5",
    "tel:+989123456789",
    "call 09123456789",
    "0912E456789",
    "00000000000",
    "09000000000000000000",
    "0979 345 6789", // assigned to nobody
    "3000",
    "9601", // valid to the library: a short code
    "110",
    "021",
    "02188776655", // a fixed line
    "09123456789 09123456780",
    "9".repeat(10_000),
    " ".repeat(10_000),
    "\0",
    "👍",
  ])("%j is no receiver (NUM-4, NUM-5)", (input) => {
    expect(parseReceiver(input)).toEqual(invalid);
  });

  test("a fixed line is a receiver for an account that allows it, and no mobile (NUM-5)", () => {
    const policy = { countries: ["IR"], fixedLines: true };
    const fixedLine = { number: "+982188776655", country: "IR", isMobile: false };
    expect(parseReceiver("021 8877 6655", "IR", policy)).toEqual(fixedLine);
    expect(parseReceiver("9601", "IR", policy)).toEqual(invalid);
  });

  test.each([
    ["+12025550123", "US"],
    ["+14165550123", "CA"],
    ["+447400123456", "GB"],
    ["+4930123456", "DE"], // a fixed line, but the country comes first
    ["0093701234567", "AF"],
    ["+77710009998", "KZ"],
    ["+80012345678", "001"],
  ])("%j of %s is blocked where only Iran is allowed (NUM-5)", (input, country) => {
    expect(parseReceiver(input)).toEqual({ refused: "GEO_BLOCKED", country });
  });

  test("a number that its plan can't tell from a fixed line counts as a mobile (NUM-5)", () => {
    const policy = { countries: ["US"], fixedLines: false };
    const number = { number: "+12025550123", country: "US", isMobile: true };
    expect(parseReceiver("(202) 555-0123", "US", policy)).toEqual(number);
    expect(parseReceiver("001 202 555 0123", "IR", policy)).toEqual(number);
    expect(parseReceiver("2025550123", "IR", policy)).toEqual(invalid);
  });

  test("00 begins an international number in every region (NUM-2)", () => {
    expect(parseReceiver("00989123456789", "US")).toEqual(mobile);
  });

  test.each(getCountries())("the example of a mobile in %s is a receiver", (country) => {
    const { number, nationalNumber } = getExampleNumber(country, examples)!;
    const receiver = { number, isMobile: true };
    expect(parseReceiver(number, "IR", everywhere)).toMatchObject(receiver);
    expect(parseReceiver(nationalNumber, country, everywhere)).toMatchObject(receiver);
  });

  test("the library has the last word on every string of digits (NUM-4)", () => {
    const digits = (length: number) =>
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: length }).map((each) => each.join(""));
    const start = fc.constantFrom(
      "",
      "0",
      "09",
      "9",
      "98",
      "+98",
      "+980",
      "+989",
      "+",
      "+1",
      "+44",
    );
    const property = fc.property(start, digits(13), (begin, rest) => {
      const phone = parsePhoneNumberFromString(begin + rest, "IR");
      fc.pre(!`${begin}${rest}`.startsWith("00"));
      const receiver = parseReceiver(begin + rest, "IR", everywhere);
      const others = ["TOLL_FREE", "PREMIUM_RATE", "SHARED_COST", "VOIP", "PERSONAL_NUMBER"];
      const refused = [...others, "PAGER", "UAN", "VOICEMAIL"].includes(phone?.getType() ?? "");
      const valid = phone?.isValid() === true && !refused;
      const number = "number" in receiver ? receiver.number : undefined;
      expect(number).toBe(valid ? phone.number : undefined);
    });
    fc.assert(property, { numRuns: 20_000 });
  });

  test("what it gives is what it reads, and punctuation changes nothing", () => {
    const part = fc.constantFrom("", " ", "-", ".", "(", ")", "\u00A0", "\u200C");
    const written = fc.tuple(
      fc.integer({ min: 9_100_000_000, max: 9_199_999_999 }),
      fc.constantFrom("", "0", "98", "+98", "+980", "0098"),
      fc.array(part, { minLength: 16, maxLength: 16 }),
      fc.constantFrom(0x30, 0x660, 0x6f0, 0xff10),
    );
    const property = fc.property(written, ([national, prefix, parts, zero]) => {
      const input = Array.from(prefix + national, (one, index) => {
        const digit = one === "+" ? one : String.fromCharCode(zero + Number(one));
        return digit + parts[index];
      });
      expect(parseReceiver(input.join(""))).toEqual({ ...mobile, number: `+98${national}` });
      expect(parseReceiver(`+98${national}`)).toEqual({ ...mobile, number: `+98${national}` });
    });
    fc.assert(property, { numRuns: 5000 });
  });
});
