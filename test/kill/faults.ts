import { setTimeout as delay } from "node:timers/promises";
import type { Stack } from "../../scripts/platform/boot.ts";
import type { Random } from "./random.ts";

/** Whom the test kills: every process that money, texts or their events depend on. */
export const victims = "core billing sms sms-express sms-bulk simulators nats postgres".split(" ");

/** How the faults are chosen, and how it is seen that the product works again. */
export type FaultPlan = {
  readonly rounds: number;
  readonly random: Random;
  /** Does what needs every part; rejects when it can't be done in time. */
  readonly probe: () => Promise<void>;
  /** Tells the provider its script again, which it forgets when it is killed. */
  readonly remind: () => Promise<void>;
  readonly say: (text: string) => void;
};

/**
 * Kills each victim once a round with SIGKILL, in an order and at moments of chance, each time
 * after everything is healthy. Returns a sentence for each kill after which it took too long.
 */
export async function injectFaults(stack: Stack, plan: FaultPlan): Promise<string[]> {
  const { rounds, random, probe, remind, say } = plan;
  const late: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const name of random.shuffled(victims)) {
      await delay(MIN_CALM_MS + random.below(CALM_SPREAD_MS));
      const startMs = performance.now();
      await kill(stack, name);
      await stack.ready(GIVE_UP_MS);
      if (name === "simulators") await remind();
      await probe();
      const healthyMs = Math.round(performance.now() - startMs);
      const text = `round ${round}: killed ${name}, all healthy after ${healthyMs} ms`;
      if (healthyMs > HEALTHY_MS) late.push(text);
      say(text);
    }
  }
  return late;
}

/** Kills a process of the stack and waits until its successor runs. */
async function kill(stack: Stack, name: string): Promise<void> {
  const pid = stack.describe().pids[name];
  if (pid === undefined) throw new Error(`${name} does not run, so it can't be killed.`);
  process.kill(pid, "SIGKILL");
  const endMs = performance.now() + GIVE_UP_MS;
  for (;;) {
    const next = stack.describe().pids[name];
    if (next !== undefined && next !== pid) return;
    if (performance.now() > endMs) throw new Error(`${name} was not started again.`);
    await delay(10);
  }
}

/** How soon after a fault everything has to be healthy again, by the plan. */
const HEALTHY_MS = 15_000;

/** After this long the test itself gives up. */
const GIVE_UP_MS = 60_000;

/** Between faults the load runs undisturbed for a moment of chance. */
const MIN_CALM_MS = 500;
const CALM_SPREAD_MS = 1500;
