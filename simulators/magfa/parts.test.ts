import { expect, test } from "vitest";
import { countParts } from "./parts.ts";

test.each([
  ["a".repeat(160), "DEFAULT", 1],
  ["a".repeat(161), "DEFAULT", 2],
  [`${"a".repeat(158)}€`, "DEFAULT", 1],
  [`${"a".repeat(159)}€`, "DEFAULT", 2],
  [`${"a".repeat(152)}€${"a".repeat(152)}`, "DEFAULT", 3], // the pair moves on
  ["س".repeat(70), "UCS2", 1],
  ["س".repeat(71), "UCS2", 2],
  [`${"س".repeat(66)}👍${"س".repeat(66)}`, "UCS2", 3],
  ["`", "UCS2", 1],
])("the parts of %j", (text, alphabet, parts) => {
  expect(countParts(text)).toEqual({ alphabet, parts });
});
