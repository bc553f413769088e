import { setTimeout as delay } from "node:timers/promises";
import type { Stack } from "../../scripts/platform/boot.ts";
import type { Random } from "./random.ts";

/** A process that was killed, and how long everything took to be healthy again. */
export type Fault = { readonly name: string; readonly atMs: number; readonly healthyMs: number };

/** Whom the test kills: every process that money or its events depend on. */
export const victims = ["core", "billing", "nats", "postgres"];

/**
 * Kills each victim once a round with SIGKILL, in an order and at moments of chance, each time
 * after everything is healthy. Throws when it is not within the time that the product promises.
 */
export async function injectFaults(
  stack: Stack,
  { rounds, random, say }: { rounds: number; random: Random; say: (text: string) => void },
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const name of random.shuffled(victims)) {
      await delay(MIN_CALM_MS + random.below(CALM_SPREAD_MS));
      const atMs = performance.now();
      await kill(stack, name);
      await stack.ready(HEALTHY_MS);
      const healthyMs = performance.now() - atMs;
      faults.push({ name, atMs, healthyMs });
      say(`round ${round}: killed ${name}, healthy after ${(healthyMs / 1000).toFixed(1)} s`);
    }
  }
  return faults;
}

/** Kills a process of the stack and waits until its successor runs. */
async function kill(stack: Stack, name: string): Promise<void> {
  const pid = stack.describe().pids[name];
  if (pid === undefined) throw new Error(`${name} does not run, so it can't be killed.`);
  process.kill(pid, "SIGKILL");
  const endMs = performance.now() + HEALTHY_MS;
  for (;;) {
    const next = stack.describe().pids[name];
    if (next !== undefined && next !== pid) return;
    if (performance.now() > endMs) throw new Error(`${name} was not started again.`);
    await delay(10);
  }
}

/** How soon after a fault everything has to be healthy again, by the plan. */
const HEALTHY_MS = 15_000;

/** Between faults the load runs undisturbed for a moment of chance. */
const MIN_CALM_MS = 500;
const CALM_SPREAD_MS = 1500;
