import fc from "fast-check";
import { expect, test } from "vitest";
import { readCsv } from "./read-csv.ts";

const fieldsOf = (text: string) => [...readCsv(text)].map(({ fields }) => fields);

test.each([
  ["a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]], // prettier-ignore
  ["a,b\nc,", [["a", "b"], ["c", ""]]], // prettier-ignore
  ['"a,1","b ""x"""\r\n"two\r\nlines",z', [["a,1", 'b "x"'], ["two\r\nlines", "z"]]], // prettier-ignore
  ["\uFEFFa\n", [["a"]]],
  ["", []],
])("%j is read", (text, records) => {
  expect(fieldsOf(text)).toEqual(records);
});

test.each([
  ['a\nb,"c', "line 2: a quote does not end"],
  ['a\nb"c,d', "line 2: a quote in the wrong place"],
  ['"two\nlines"x', "line 2: a quote in the wrong place"],
])("%j is refused by its line", (text, problem) => {
  expect(() => fieldsOf(text)).toThrow(problem);
});

test("a record is named by the line on which it begins", () => {
  const lines = [...readCsv('a\n"b\n\nb"\nc')].map(({ line }) => line);
  expect(lines).toEqual([1, 2, 5]);
});

test("what was written as RFC 4180 says is read back, whatever it is", () => {
  const field = fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", "a", " ", "ل") });
  const records = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }));
  const written = (one: string) => `"${one.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(records, fc.constantFrom("\n", "\r\n"), (given, end) => {
      const text = given.map((fields) => fields.map(written).join(",") + end).join("");
      expect(fieldsOf(text)).toEqual(given);
    }),
  );
});
