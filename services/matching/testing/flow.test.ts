import { expect, test } from "vitest";
import { createFlow, emptyStep, type FlowOptions, type FlowStep } from "./flow.ts";

const usual: FlowOptions = {
  seed: 7,
  users: 100,
  orders: 1000,
  price: 60_000,
  mix: "exchange-core",
};

test("the same options make the same commands, another seed makes others", () => {
  const first = run(usual, 5000);
  expect(run(usual, 5000)).toEqual(first);
  expect(run({ ...usual, seed: 8 }, 5000)).not.toEqual(first);
});

test("the usual mix is 9 % GTC, 3 % IOC and FOK, 6 % cancel, 82 % move", () => {
  const shares = sharesOf(run(usual, 200_000).slice(1000));
  expect(shares.GTC).toBeCloseTo(0.09, 1.7);
  expect(shares.IOC + shares.FOK).toBeCloseTo(0.03, 1.7);
  expect(shares.CANCEL).toBeCloseTo(0.06, 1.7);
  expect(shares.MOVE).toBeCloseTo(0.82, 1.7);
});

test("half of the insert-heavy mix is new orders that rest", () => {
  const shares = sharesOf(run({ ...usual, mix: "insert-heavy" }, 100_000));
  expect(shares.GTC).toBeCloseTo(0.5, 1);
  expect(shares.MOVE).toBe(0);
});

test("an avalanche takes much of the book, a sliding price goes up from where it began", () => {
  const taken = run({ ...usual, avalanche: true }, 20_000).filter(({ kind }) => kind === "IOC");
  expect(Math.max(...taken.map(({ lots }) => lots))).toBeGreaterThan(1000);
  const slid = run({ ...usual, price: 4000, sliding: true }, 100_000);
  const limits = slid.flatMap(({ kind, price }) => (kind === "GTC" ? [price] : []));
  expect(Math.min(...limits.slice(-1000))).toBeGreaterThan(4000);
});

function run(options: FlowOptions, count: number): FlowStep[] {
  const flow = createFlow(options);
  return Array.from({ length: count }, () => {
    const step = emptyStep();
    flow.next(step);
    return step;
  });
}

function sharesOf(steps: readonly FlowStep[]): Record<FlowStep["kind"], number> {
  const shares = { GTC: 0, IOC: 0, FOK: 0, CANCEL: 0, REDUCE: 0, MOVE: 0 };
  for (const { kind } of steps) shares[kind] += 1 / steps.length;
  return shares;
}
