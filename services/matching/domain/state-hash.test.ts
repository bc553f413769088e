import { expect, test } from "vitest";
import { createCaseBook } from "../testing/case-book.ts";
import { createApply } from "../testing/fast-book.ts";
import { createEngine } from "./create-engine.ts";

/** An engine that was told lines of the cases' notation. */
function engineTold(...lines: readonly string[]) {
  const engine = createEngine();
  const book = createCaseBook({
    apply: createApply(engine),
    depth: (market, side, levels) => engine.depth(market, side, levels),
    validate: () => engine.validate(),
  });
  book.tell(...lines);
  return engine;
}

const two = ["u1 a BUY 5@100", "u1 b BUY 5@100"];

test("the hash is the same whatever rows the orders have", () => {
  const more = ["u1 c BUY 7@101", "u2 d SELL 8@102", "u2 e BUY 3 STOP stop=110 reserve=120"];
  const one = engineTold(...two, "u1 cancel a", "u1 cancel b", ...more);
  const other = engineTold(...two, "u1 cancel b", "u1 cancel a", ...more);
  expect(one.stateHash()).toBe(other.stateHash());
});

test("the hash tells apart what differs in one thing", () => {
  const hashes = [
    ["u1 c BUY 7@101"],
    ["u2 c BUY 7@101"],
    ["u1 d BUY 7@101"],
    ["u1 c BUY 8@101"],
    ["u1 c BUY 7@102"],
    ["u1 c BUY 7@101 GTD expire=1900000000000"],
    ["u1 c BUY 7@101 GTD expire=1900000000001"],
    ["u1 c BUY 7@101 visible=2"],
    ["u1 c BUY 7@101 visible=3"],
    ["u1 c BUY 7@101 stp=EXPIRE_BOTH"],
    ["u1 c BUY 7 STOP stop=101 reserve=120"],
    ["u1 c BUY 7 STOP stop=102 reserve=120"],
    ["u1 c SELL 7@100"],
    ["state HALT"],
  ].map((lines) => engineTold(...two, ...lines).stateHash());
  const swapped = engineTold("u1 b BUY 5@100", "u1 a BUY 5@100", "u1 c BUY 7@101").stateHash();
  expect(new Set([...hashes, swapped]).size).toBe(hashes.length + 1);
  expect(hashes[0]).toMatch(/^[0-9a-f]{16}$/);
});
