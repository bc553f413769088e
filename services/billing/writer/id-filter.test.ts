import { expect, test } from "vitest";
import { bytesOf, derivedId } from "#mesh/ids.ts";
import { createIdFilter } from "./id-filter.ts";

const counted = (at: number) => at.toString(16).padStart(32, "0");
const derived = (at: number) => derivedId(`transfer/${at}`);
const timed = (at: number) =>
  `0199f0aa1111${at.toString(16).padStart(4, "7")}8222${"3".repeat(12)}`;

test.each([
  ["derived", derived],
  ["counted up", counted],
  ["made by the clock", timed],
])("ids that are %s are never forgotten, and few others are taken for them", (_, idOf) => {
  const filter = createIdFilter(100_000);
  const [known, others] = [idsOf(0, 50_000), idsOf(50_000, 60_000)];
  for (const id of known.slice(0, 25_000)) filter.add(id);
  filter.addAll(Buffer.concat(known.slice(25_000).map(bytesOf)));
  expect(known.filter((id) => !filter.mayHave(id))).toEqual([]);
  expect(others.filter((id) => filter.mayHave(id)).length).toBeLessThan(others.length / 50);

  function idsOf(from: number, to: number): string[] {
    return Array.from({ length: to - from }, (__, at) => idOf(from + at));
  }
});

test("a filter that is too small for its ids still knows all of them", () => {
  const filter = createIdFilter(1);
  const ids = Array.from({ length: 300_000 }, (_, at) => derived(at));
  for (const id of ids) filter.add(id);
  expect(ids.every((id) => filter.mayHave(id))).toBe(true);
});
