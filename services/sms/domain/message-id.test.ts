import fc from "fast-check";
import { expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import { acceptedAtMs, firstIdAt, LAST_ID } from "./message-id.ts";

test("DATA-1 the id of a message tells when it was accepted", () => {
  const beforeMs = Date.now();
  const ms = acceptedAtMs(newId());
  expect(ms).toBeGreaterThanOrEqual(beforeMs);
  expect(ms).toBeLessThanOrEqual(Date.now());
  expect(acceptedAtMs("019abcde-f012-7000-8000-000000000000")).toBe(0x01_9a_bc_de_f0_12);
});

test("the ids of a time are those from its first id to the next one's", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 2 }), fc.uuid({ version: 7 }), (ms, some) => {
      const id = firstIdAt(ms).slice(0, 13) + some.slice(13);
      expect(acceptedAtMs(id)).toBe(ms);
      expect(firstIdAt(ms) < id && id < firstIdAt(ms + 1)).toBe(true);
      expect(id < LAST_ID).toBe(true);
    }),
  );
});

test("times that no id can tell are those at the ends", () => {
  expect(firstIdAt(-5)).toBe("00000000-0000-0000-0000-000000000000");
  expect(firstIdAt(1.5)).toBe(firstIdAt(2));
  expect(firstIdAt(Number.MAX_SAFE_INTEGER)).toBe("ffffffff-ffff-0000-0000-000000000000");
});
