import { expect, test } from "vitest";
import { checkNodeVersion } from "./node-version.ts";

test.each(["24.14.1", "24.15.0", "26.10.0"])("G28 Node %s is new enough", (version) => {
  expect(() => checkNodeVersion(version)).not.toThrow();
});

test.each(["20.20.2", "24.9.9", "24.14.0", "nonsense"])("G28 Node %s is refused", (version) => {
  expect(() => checkNodeVersion(version)).toThrow(`Node ${version} is too old`);
});

test("G28 the Node that runs this is new enough", () => {
  expect(() => checkNodeVersion()).not.toThrow();
});
