import { setTimeout as delay } from "node:timers/promises";
import { randomOf, type Random } from "../random.ts";
import type { Findings } from "../verdict.ts";
import { checkCrash } from "./check.ts";
import { type CrashLoad, startCrashLoad } from "./load.ts";
import { Outcome } from "./mix.ts";
import type { Stage } from "./stage.ts";

/** How much is to be killed and sent, from which seed, and who hears of it. */
export type CrashOptions = {
  readonly billingKills: number;
  readonly postgresKills: number;
  readonly perSecond: number;
  readonly seed: number;
  readonly say: (text: string) => void;
};

/**
 * Kills processes of billing and PostgreSQL with SIGKILL under a load of transfers, each time at a
 * moment of chance, and returns what holds of the books afterwards.
 */
export async function crashTest(stage: Stage, options: CrashOptions): Promise<Findings> {
  const { billingKills, postgresKills, perSecond, seed, say } = options;
  const random = randomOf(seed);
  const run = random.below(2 ** 31).toString(36);
  using load = await startCrashLoad(stage, { run, random, perSecond });
  const startMs = performance.now();
  const victims = random.shuffled([
    ...Array.from({ length: billingKills }, () => "billing" as const),
    ...Array.from({ length: postgresKills }, () => "postgres" as const),
  ]);
  const late: string[] = [];
  const recoveriesMs: number[] = [];
  for (const victim of victims) {
    await delay(MIN_CALM_MS + random.below(CALM_SPREAD_MS));
    const text = await kill(stage, victim, random);
    const recoveryMs = await recovery(load);
    recoveriesMs.push(recoveryMs);
    if (recoveryMs > HEALTHY_MS)
      late.push(`${text}, answered again after ${Math.round(recoveryMs)} ms`);
    say(`${text}, answers again after ${Math.round(recoveryMs)} ms`);
  }
  await load.stop();
  const seconds = (performance.now() - startMs) / 1000;
  const applied = load.outcomes.filter((outcome) => outcome === Outcome.APPLIED).length;
  const slowest = Math.round(Math.max(...recoveriesMs));
  say(
    `${victims.length} kills in ${Math.round(seconds)} s, slowest recovery ${slowest} ms; ` +
      `${load.outcomes.length} transfers sent, ${applied} acknowledged as applied: ` +
      `${Math.round(load.outcomes.length / seconds)} a second, the outages among them`,
  );
  const findings = await checkCrash(stage.databaseUrl, load.outcomes);
  findings.set("calls were answered again 15 s after every kill", late);
  findings.set("every call was decided in the end", [...load.problems]);
  return findings;
}

async function kill(stage: Stage, victim: "billing" | "postgres", random: Random) {
  if (victim === "postgres") {
    stage.killPostgres();
    return "a kill of postgres";
  }
  const billing = await choose(stage, random);
  await billing.kill();
  return `a kill of ${billing.name}`;
}

/** Mostly the writer, sometimes a standby or one that just starts. */
async function choose({ billings }: Stage, random: Random) {
  if (random.below(100) < ANY_OF_100) return random.pick(billings);
  for (const billing of billings) if (await billing.isReady()) return billing;
  return random.pick(billings);
}

/** How long it takes until a call is answered. */
async function recovery(load: CrashLoad): Promise<number> {
  const startMs = performance.now();
  while (load.answeredMs() < startMs + IN_FLIGHT_MS && performance.now() < startMs + GIVE_UP_MS) {
    await delay(10);
  }
  return performance.now() - startMs;
}

/** An answer that comes this soon may have left before the kill. */
const IN_FLIGHT_MS = 50;
const GIVE_UP_MS = 60_000;
const ANY_OF_100 = 15;

/** How soon after a fault calls have to be answered again. */
const HEALTHY_MS = 15_000;

/** Between faults the load runs undisturbed for a moment of chance. */
const MIN_CALM_MS = 500;
const CALM_SPREAD_MS = 2500;
