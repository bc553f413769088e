import { expect, test } from "vitest";
import { boundedMap } from "./bounded-map.ts";

test("a full map forgets what was set longest ago", () => {
  const map = boundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  expect([map.get("a"), map.get("b"), map.get("c"), map.size()]).toEqual([3, undefined, 4, 2]);
  map.clear();
  expect(map.size()).toBe(0);
});

test("what is set again takes no other's place", () => {
  const map = boundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("b", 3);
  expect([map.get("a"), map.get("b")]).toEqual([1, 3]);
});
