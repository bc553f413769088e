import fc from "fast-check";
import { expect, test } from "vitest";
import { randomCommands } from "../testing/random-commands.ts";
import { START_MS } from "../testing/random-order.ts";
import { randomTiers } from "../testing/random-tiers.ts";
import { checkHolds, createWallet, runFunded, totalOf } from "../testing/wallet.ts";
import { createNaiveEngine } from "./naive-engine.ts";

/** Time for the flows on a slow machine. */
const LONG_MS = 600_000;

const scales = { baseScale: 3n, quoteScale: 7n };
const accounts = [1, 2, 3, 4];

test(
  "what was held is what was used and what came back, to the unit, whatever happens",
  () => {
    const runs = fc.record({ seed: fc.integer(), count: fc.integer({ min: 20, max: 60 }) });
    const property = fc.property(runs, ({ seed, count }) => {
      const { apply } = createNaiveEngine();
      const wallet = createWallet(scales, (tier) => randomTiers[tier - 1]!);
      for (const account of accounts) {
        Object.assign(wallet.free(account), { base: 3_000n, quote: 300_000n });
      }
      const before = totalOf(wallet, accounts);
      let atMs = START_MS;
      for (const { command, afterMs } of randomCommands({ seed, count, isFunded: true })) {
        atMs += afterMs;
        runFunded(wallet, command, (funded) => apply(funded, atMs));
        checkHolds(wallet);
      }
      expect(totalOf(wallet, accounts)).toEqual(before);
    });
    fc.assert(property, { numRuns: 10_000 });
  },
  LONG_MS,
);
