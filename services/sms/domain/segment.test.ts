import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countSeptets } from "./gsm7.ts";
import { segment } from "./segment.ts";

const figures = (of: string) => {
  const { encoding, units, unitsLeft, parts } = segment(of);
  return [encoding, units, unitsLeft, parts.length];
};
const lengths = (of: string) => segment(of).parts.map((part) => part.length);

describe("segment()", () => {
  test.each([
    // SEG-12
    ["hello", ["GSM7", 5, 155, 1]],
    ["Hi €", ["GSM7", 5, 155, 1]],
    ["سلام", ["UCS2", 4, 66, 1]],
    ["ok 👍", ["UCS2", 5, 65, 1]],
    // characters
    ["", ["GSM7", 0, 160, 1]],
    [" ", ["GSM7", 1, 159, 1]],
    ["\f^{}\\[~]|€", ["GSM7", 20, 140, 1]],
    ["\f^{}\\[~]|€س", ["UCS2", 11, 59, 1]],
    ["a\r\nb", ["GSM7", 4, 156, 1]],
    ["س\r\nب", ["UCS2", 4, 66, 1]],
    ["\u200C", ["UCS2", 1, 69, 1]],
    ["می\u200Cخواهم", ["UCS2", 8, 62, 1]],
    ["سَلّام", ["UCS2", 6, 64, 1]], // two combining marks
    ["e\u0301", ["UCS2", 2, 68, 1]],
    ["naïve", ["UCS2", 5, 65, 1]],
    ["ça va", ["UCS2", 5, 65, 1]],
    ["ÇA VA", ["GSM7", 5, 155, 1]],
    ["a\tb", ["UCS2", 3, 67, 1]],
    ["۱۲۳", ["UCS2", 3, 67, 1]],
    ["👨‍👩‍👧", ["UCS2", 8, 62, 1]],
    ["🇮🇷", ["UCS2", 4, 66, 1]],
    ["❤️", ["UCS2", 2, 68, 1]],
    ["👍🏽", ["UCS2", 4, 66, 1]],
    ["\u{10FFFF}", ["UCS2", 2, 68, 1]],
    ["\0", ["UCS2", 1, 69, 1]],
  ] as const)("%j is %j: coding, units, units left, parts", (of, expected) => {
    expect(figures(of)).toEqual(expected);
  });

  test.each([
    // borders of GSM-7
    ["160a", ["GSM7", 160, 0, 1]],
    ["161a", ["GSM7", 161, 145, 2]],
    ["306a", ["GSM7", 306, 0, 2]],
    ["307a", ["GSM7", 307, 152, 3]],
    ["459a", ["GSM7", 459, 0, 3]],
    ["460a", ["GSM7", 460, 152, 4]],
    ["80€", ["GSM7", 160, 0, 1]],
    ["81€", ["GSM7", 162, 143, 2]],
    ["158a 1€", ["GSM7", 160, 0, 1]],
    ["159a 1€", ["GSM7", 161, 145, 2]],
    ["152a 1€ 7a", ["GSM7", 161, 144, 2]],
    // pairs that move: more parts than units / 153 says (SEG-7)
    ["152€", ["GSM7", 304, 1, 2]],
    ["153€", ["GSM7", 306, 151, 3]],
    ["152a 1€ 152a", ["GSM7", 306, 152, 3]],
    // borders of UCS-2
    ["70س", ["UCS2", 70, 0, 1]],
    ["71س", ["UCS2", 71, 63, 2]],
    ["134س", ["UCS2", 134, 0, 2]],
    ["135س", ["UCS2", 135, 66, 3]],
    ["201س", ["UCS2", 201, 0, 3]],
    ["202س", ["UCS2", 202, 66, 4]],
    ["35👍", ["UCS2", 70, 0, 1]],
    ["36👍", ["UCS2", 72, 61, 2]],
    ["66👍", ["UCS2", 132, 1, 2]],
    ["67👍", ["UCS2", 134, 65, 3]], // two by units / 67
    ["66س 1👍 3س", ["UCS2", 71, 62, 2]],
    // in UCS-2 an extension character is one unit, in the last part too
    ["67س 4€", ["UCS2", 71, 63, 2]],
  ] as const)("%s is %j: coding, units, units left, parts", (runs, expected) => {
    const repeat = (_: string, times: string, one: string) => one.repeat(Number(times));
    expect(figures(runs.replaceAll(/(\d+)(.) ?/gu, repeat))).toEqual(expected);
  });

  test("a part ends before a pair that does not fit (SEG-6)", () => {
    expect(lengths("a".repeat(152) + "€" + "b".repeat(7))).toEqual([152, 8]);
    expect(lengths("a".repeat(151) + "€" + "b".repeat(8))).toEqual([152, 8]);
    expect(lengths("س".repeat(66) + "👍" + "ب".repeat(3))).toEqual([66, 5]);
    expect(lengths("س".repeat(65) + "👍" + "ب".repeat(4))).toEqual([67, 4]);
    expect(lengths("👍".repeat(68))).toEqual([66, 66, 4]);
  });

  test("a grapheme of several code points may be divided (SEG-6)", () => {
    const { parts } = segment("س".repeat(65) + "👨‍👩‍👧" + "ب".repeat(5));
    expect(parts[0]).toBe("س".repeat(65) + "👨");
  });

  test("the pages of 70, then 64, then 67 that Iran counts give the same number (SEG-7)", () => {
    const pages = (units: number) => {
      if (units <= 70) return 1;
      return units <= 134 ? 2 : 2 + Math.ceil((units - 134) / 67);
    };
    for (let units = 1; units <= 1000; units += 1) {
      expect(segment("س".repeat(units)).parts).toHaveLength(pages(units));
    }
  });
});

/** Texts of every kind and of up to about five parts, whose borders fall on single and on pairs. */
const oneOf = (characters: string) => fc.constantFrom(...Array.from(characters));
const character = {
  basic: oneOf("aZ5 @£ÇåΔΩΞß¿à\r\n"),
  extension: oneOf("\f^{}\\[~]|€"),
  other: oneOf("سلام۱\u200C\u064Eç`\t👍😀\u{10FFFF}"),
  cluster: fc.constantFrom("👨‍👩‍👧", "🇮🇷", "❤️"),
};
const runs = (of: fc.Arbitrary<string>) => {
  const run = fc
    .tuple(of, fc.integer({ min: 1, max: 90 }))
    .map(([one, times]) => one.repeat(times));
  return fc.array(run, { maxLength: 8 }).map((several) => several.join(""));
};
const gsmText = runs(fc.oneof(character.basic, character.extension));
const text = fc.oneof(gsmText, runs(fc.oneof(...Object.values(character))));

const numRuns = 1000;

describe("every text (SEG-13)", () => {
  test("is what its parts are together", () => {
    const property = fc.property(text, (of) => {
      expect(segment(of).parts.join("")).toBe(of);
    });
    fc.assert(property, { numRuns });
  });

  test("has no part beyond the limit, and says what room is left in the last", () => {
    const property = fc.property(text, (of) => {
      const { encoding, units, unitsLeft, parts } = segment(of);
      const size = (part: string) => (encoding === "GSM7" ? countSeptets(part)! : part.length);
      const [single, several] = encoding === "GSM7" ? [160, 153] : [70, 67];
      const limit = parts.length === 1 ? single : several;
      for (const part of parts) expect(size(part)).toBeLessThanOrEqual(limit);
      expect(unitsLeft).toBe(limit - size(parts.at(-1)!));
      expect(units).toBe(parts.reduce((sum, part) => sum + size(part), 0));
    });
    fc.assert(property, { numRuns });
  });

  test("has no part that begins or ends inside a pair", () => {
    const property = fc.property(text, (of) => {
      expect(segment(of).parts.filter((part) => !part.isWellFormed())).toEqual([]);
    });
    fc.assert(property, { numRuns });
  });

  test("has full parts: what begins the next part has no room in this one", () => {
    const property = fc.property(text, (of) => {
      const { encoding, parts } = segment(of);
      for (const [index, part] of parts.slice(0, -1).entries()) {
        const next = String.fromCodePoint(parts[index + 1]!.codePointAt(0)!);
        const longer = part + next;
        const units = encoding === "GSM7" ? countSeptets(longer)! : longer.length;
        expect(units).toBeGreaterThan(encoding === "GSM7" ? 153 : 67);
      }
    });
    fc.assert(property, { numRuns });
  });

  test("never has fewer parts with one more character of the same encoding", () => {
    const property = fc.property(text, fc.oneof(...Object.values(character)), (of, more) => {
      const before = segment(of);
      const after = segment(of + more);
      fc.pre(before.encoding === after.encoding);
      expect(after.parts.length).toBeGreaterThanOrEqual(before.parts.length);
    });
    fc.assert(property, { numRuns });
  });
});
