import fc from "fast-check";
import { expect, test } from "vitest";
import { reasonOf } from "./errors.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "./limits.ts";
import { fromPageToken, pageSize, toPageToken } from "./page.ts";

const refused = expect.toSatisfy((error) => reasonOf(error) === "INVALID_PAGE_TOKEN");

test("a token carries the place where the page before ended", () => {
  const values = fc.array(fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(values, (place) => {
      expect(fromPageToken(toPageToken(place, "entries"), "entries")).toEqual(place);
    }),
  );
});

test("the first page has no token", () => {
  expect(fromPageToken("")).toBeUndefined();
});

test("the token of another list is refused", () => {
  const token = toPageToken(["7"], "entries?asset=IRR");
  expect(() => fromPageToken(token, "entries?asset=BTC")).toThrow(refused);
});

test("no text but a token is one", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      expect(() => fromPageToken(text)).toThrow(refused);
    }),
  );
});

test("a token in which one character was changed is refused", () => {
  const token = toPageToken(["2026-01-01T00:00:00Z", "7"]);
  for (let place = 0; place < token.length - 1; place += 1) {
    const other = token[place] === "A" ? "B" : "A";
    const forged = token.slice(0, place) + other + token.slice(place + 1);
    expect(() => fromPageToken(forged)).toThrow(refused);
  }
});

test.each([
  [0, DEFAULT_PAGE_SIZE],
  [-1, DEFAULT_PAGE_SIZE],
  [1, 1],
  [MAX_PAGE_SIZE, MAX_PAGE_SIZE],
  [MAX_PAGE_SIZE + 1, MAX_PAGE_SIZE],
])("who wants %i rows gets %i", (wanted, size) => {
  expect(pageSize(wanted)).toBe(size);
});
