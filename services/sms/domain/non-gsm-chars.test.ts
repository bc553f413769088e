import { expect, test } from "vitest";
import { nonGsmChars } from "./non-gsm-chars.ts";

test.each([
  ["", []],
  ["hello €[]", []],
  ["“quoted” – “again”", ["“", "”", "–"]],
  ["a👍b👍", ["👍"]],
  ["می\u200Cشود", ["م", "ی", "\u200C", "ش", "و", "د"]],
])("the characters that make %j UCS-2 are %j", (text, characters) => {
  expect(nonGsmChars(text)).toEqual(characters);
});

test("no more than the first 20 are named", () => {
  const letters = Array.from({ length: 30 }, (_, index) => String.fromCodePoint(0x620 + index));
  expect(nonGsmChars(letters.join(""))).toEqual(letters.slice(0, 20));
});
