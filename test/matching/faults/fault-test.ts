import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../../kill/random.ts";
import type { Findings } from "../../kill/verdict.ts";
import { check, type Compared } from "./check.ts";
import { type Fault, leavesHolds, textOf } from "./fault.ts";
import { oracleOf } from "./oracle.ts";
import { type Place, playFaults } from "./play.ts";
import { readSeen } from "./seen.ts";
import { assets, markets, type Traders } from "./traders.ts";
import { startTrading } from "./trading.ts";

/** Where the faults are played, and who trades meanwhile. */
export type Scene = Place & { readonly traders: Traders };

/** Rounds of faults, from which chance, and who hears of them. */
export type FaultOptions = {
  readonly rounds: readonly (readonly Fault[])[];
  readonly random: Random;
  readonly say: (text: string) => void;
};

/**
 * Plays rounds of faults one after the other while people trade, and compares in the end what is stored, what
 * the ledger has and what people were told with what the oracle makes of the journal. Returns what
 * was found, by the sentence that it breaks.
 */
export async function faultTest(
  scene: Scene,
  { rounds, random, say }: FaultOptions,
): Promise<Findings> {
  const trading = startTrading(scene.traders, random);
  const unplayed: string[] = [];
  for (const faults of rounds) {
    try {
      await trading.more(CALM_REQUESTS);
      if (faults.some(leavesHolds)) await trading.pause();
      const startMs = performance.now();
      await playFaults(scene, faults);
      say(`${textOf(faults)}: all runs again after ${Math.round(performance.now() - startMs)} ms`);
    } catch (error) {
      unplayed.push(`${textOf(faults)}: ${(error as Error).message}`);
    } finally {
      trading.resume();
    }
  }
  const told = await trading.stop();
  const startMs = performance.now();
  const { findings, compared } = await quiet(scene, told);
  const tookMs = Math.round(performance.now() - startMs);
  const { oracle, seen } = compared;
  say(
    `${told.length} requests, ${seen.journal.length} batches, ${oracle.orders.size} orders, ` +
      `${oracle.trades.size} trades, ${seen.burned.length} given up; quiet after ${tookMs} ms`,
  );
  const isLeft = seen.burned.length === 0 && rounds.flat().some(leavesHolds);
  const none = isLeft ? ["no hold was left behind"] : [];
  const few = oracle.trades.size < rounds.length ? [`there were ${oracle.trades.size}`] : [];
  return new Map([
    ["every fault was played, and all processes ran again", unplayed],
    ["every request was decided", trading.problems],
    ["there were trades between the faults", few],
    ["holds that nobody asked for again were left behind", none],
    ...findings,
  ]);
}

/** Compares until nothing is wrong any more, or for too long: events and releases are on their way. */
async function quiet(scene: Scene, told: Compared["told"]) {
  const endMs = performance.now() + QUIET_MS;
  for (;;) {
    const compared = await compare(scene, told);
    const findings = check(compared);
    const isRight = [...findings.values()].every(({ length }) => length === 0);
    if (isRight || performance.now() > endMs) return { findings, compared };
    await delay(300);
  }
}

async function compare({ stack, traders }: Scene, told: Compared["told"]): Promise<Compared> {
  const owners = traders.all.map(({ id }) => id);
  const books = new Map(
    await Promise.all(markets.map(async (one) => [one.symbol, await traders.book(one)] as const)),
  );
  const watched = { owners, assets: assets.map(({ code }) => code) };
  const seen = await readSeen(stack.describe(), watched);
  const oracle = oracleOf(seen.journal, seen.markets);
  return { oracle, seen, told, charged: traders.charged, books };
}

/** How many requests are answered at least between two faults. */
const CALM_REQUESTS = 30;

/** How long it may take until what was on its way has come, whatever was killed. */
const QUIET_MS = 90_000;
