import { expect, test } from "vitest";
import { createUidTable } from "./uid-table.ts";

test("counts every reference, and keeps the number of its first time", () => {
  const table = createUidTable(100_000);
  const uids = Array.from({ length: 10_000 }, (_, n) => (BigInt(n) << 40n) + BigInt(n % 7));
  for (const [n, uid] of uids.entries()) expect(table.add(uid, n)).toBe(1);
  for (const [n, uid] of uids.entries()) {
    expect(table.add(uid, 1_000_000)).toBe(2);
    expect(table.find(uid)).toEqual({ count: 2, n });
  }
  expect(table.find(123n)).toBeUndefined();
  expect(table.size).toBe(10_000);
});

test("forgets the oldest when two generations are full, and says how many", () => {
  const table = createUidTable(1000);
  for (let n = 0; n < 2500; n++) table.add(BigInt(n), n);
  expect(table.forgotten).toBe(1000);
  expect(table.find(999n)).toBeUndefined();
  expect(table.find(1000n)).toEqual({ count: 1, n: 1000 });
  expect(table.add(1500n, 9999)).toBe(2); // of the older generation
});
