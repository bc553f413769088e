import fc from "fast-check";
import { expect, test } from "vitest";
import { createFastBook } from "./fast-book.ts";
import { compareRun } from "./compare-run.ts";
import { randomCommands } from "./random-commands.ts";
import { START_MS } from "./random-order.ts";
import { randomTiers } from "./random-tiers.ts";
import { checkHolds, createWallet, runFunded } from "./wallet.ts";

/** Time for the commands on a slow machine. */
const LONG_MS = 600_000;

test(
  "the fast engine does what the naive one does, 2,000 times 200 commands",
  () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(() => compareRun({ seed, count: 200 })).not.toThrow();
      }),
      { numRuns: 2000, endOnFailure: true },
    );
  },
  LONG_MS,
);

test(
  "after each of 25,000 commands the state agrees with itself and the holds with it",
  () => {
    const book = createFastBook();
    const wallet = createWallet(
      { baseScale: 3n, quoteScale: 7n },
      (tier) => randomTiers[tier - 1]!,
    );
    for (const account of [1, 2, 3, 4]) {
      Object.assign(wallet.free(account), { base: 10n ** 9n, quote: 10n ** 9n });
    }
    let atMs = START_MS;
    for (const { command, afterMs } of randomCommands({ seed: 7, count: 25_000, isFunded: true })) {
      atMs += afterMs;
      runFunded(wallet, command, (funded) => book.apply(funded, atMs));
      book.validate();
      checkHolds(wallet);
    }
    expect(book.depth(1, "BUY", 1).length + book.depth(1, "SELL", 1).length).toBeGreaterThan(0);
  },
  LONG_MS,
);
