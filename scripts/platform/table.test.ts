import { expect, test } from "vitest";
import { table } from "./table.ts";

test("columns are as wide as their widest cell", () => {
  const text = table(["a", "bb"], [["long", "x"], ["y"]]);
  expect(text).toBe("  a      bb\n  ----   --\n  long   x\n  y");
});
