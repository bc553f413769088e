import { expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import { askedAtMs, firstIdAt, LAST_ID } from "./withdrawal-ids.ts";

test("the id of a withdrawal tells when it was asked for", () => {
  const before = Date.now();
  const id = newId();
  expect(askedAtMs(id)).toBeGreaterThanOrEqual(before);
  expect(askedAtMs(id)).toBeLessThanOrEqual(Date.now());
  expect(firstIdAt(askedAtMs(id)) < id).toBe(true);
  expect(firstIdAt(askedAtMs(id) + 1) > id).toBe(true);
  expect([firstIdAt(-1) < id, firstIdAt(1e20) > id, id < LAST_ID]).toEqual([true, true, true]);
});
