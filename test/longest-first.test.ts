import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../scripts/platform/node-process.ts";
import { longest } from "./longest-first.ts";

test("the files that are started first are there", () => {
  expect(longest.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});
