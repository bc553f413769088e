import fc from "fast-check";
import { expect, test } from "vitest";
import { countSeptets } from "./gsm7.ts";
import { segment } from "./segment.ts";
import { smartEncoding } from "./smart-encoding.ts";

test.each([
  ["“Hi” – it’s ‘me’…", `"Hi" - it's 'me'...`],
  ["„so“ «so» ‹so›", `"so" "so" 'so'`],
  ["`x´", "'x'"],
  ["a\u00A0b\u2009c\u202Fd\u3000e\tf", "a b c d e f"],
  ["soft\u00ADhyphen\u200Band\uFEFFmore", "softhyphenandmore"],
  ["1—2―3−4‑5", "1-2-3-4-5"],
  ["a\u2028b\u2029c\u0085d", "a\nb\nc\nd"],
  ["• 1⁄2 ∗", "* 1/2 *"],
  ["ﬁne ﬂow eﬃcient", "fine flow efficient"],
  ["cafe\u0301", "café"], // NFC
  ["A\u030A \u2126 \u212B", "Å Ω Å"],
  ["“€”", '"€"'],
])("%j becomes %j (SEG-8)", (text, plain) => {
  expect(smartEncoding(text)).toBe(plain);
  expect(segment(plain).encoding).toBe("GSM7");
});

test.each([
  "",
  "hello \r\n €",
  "“سلام”",
  "“ok” 👍",
  "“ça”", // nothing makes a GSM-7 letter of ç
  "“\u0391”", // nor of a letter that only looks like A
  "e\u0301 سلام", // not even NFC
  "\u200B",
  "\u00A0\u2003",
])("%j stays untouched (SEG-8)", (text) => {
  expect(smartEncoding(text)).toBe(text);
});

test("every text comes back as it was, or wholly in GSM-7", () => {
  const characters = fc.oneof(
    fc.constantFrom(...Array.from("aé€“”‘’–—…\u00A0\u0301`")),
    fc.string({ unit: "binary", maxLength: 1 }),
  );
  const property = fc.property(fc.array(characters, { maxLength: 12 }), (list) => {
    const text = list.join("");
    const plain = smartEncoding(text);
    const isGsm = (of: string) => countSeptets(of) !== undefined;
    expect(plain === text || (isGsm(plain) && !isGsm(text))).toBe(true);
    expect(smartEncoding(plain)).toBe(plain);
  });
  fc.assert(property, { numRuns: 2000 });
});
