import { expect, test } from "vitest";
import { shownKey } from "./call-key.ts";
import { newId } from "./ids.ts";
import { MAX_LOGGED_KEY_LENGTH } from "./limits.ts";

test.each(["", newId(), "98912345-6789-4123-9123-989123456789", "order-17", "k1"])(
  "the key %j is shown as it is",
  (key) => {
    expect(shownKey(key)).toBe(key);
  },
);

test.each([
  ["IR820540102680020817909002", "[iban]"],
  ["to-IR820540102680020817909002", "to-[iban]"],
  ["eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln", "[token]"],
  ["6037991234567890", "[card]"],
  ["account-0123456789012", "account-[number]"],
  ["password=canary", "password=[hidden]"],
])("S12 the key %s is shown as %s", (key, shown) => {
  expect(shownKey(key)).toBe(shown);
});

test.each([
  ["\0", "?"],
  ["a\0b\n\u{1b}[1m", "a?b??[1m"],
  ["کلید", "????"],
  ["\u{d800} x", "??x"],
])("S12 the key %j is shown in plain letters", (key, shown) => {
  expect(shownKey(key)).toBe(shown);
});

test("a long key is shortened, and no secret is cut out of its mask", () => {
  expect(shownKey("x".repeat(255))).toHaveLength(MAX_LOGGED_KEY_LENGTH);
  const key = `${"x".repeat(MAX_LOGGED_KEY_LENGTH - 10)}-IR820540102680020817909002`;
  expect(shownKey(key)).not.toContain("IR82");
});
