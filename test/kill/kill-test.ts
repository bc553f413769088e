import { rmSync } from "node:fs";
import { join } from "node:path";
import type { TemporaryStack } from "../../scripts/platform/temporary-stack.ts";
import { actionsOf } from "./actions.ts";
import { check } from "./check.ts";
import { clientsOf } from "./clients.ts";
import { injectFaults } from "./faults.ts";
import { summaryOf } from "./history.ts";
import { startLoad } from "./load.ts";
import { type Journal, perform } from "./perform.ts";
import { uuidOf } from "#mesh/ids.ts";
import { randomOf } from "./random.ts";
import { readSnapshot } from "./read-snapshot.ts";
import type { Findings } from "./verdict.ts";

/** How much is to be killed, from which seed, and who hears of it. */
export type KillOptions = {
  readonly rounds: number;
  readonly seed: number;
  readonly say: (text: string) => void;
};

/**
 * Kills every process of a stack under load, then wipes its broker's store while it is stopped.
 * Returns what the checkers find, by the sentence that each proves.
 */
export async function killTest(
  temporary: TemporaryStack,
  { rounds, seed, say }: KillOptions,
): Promise<Findings> {
  const random = randomOf(seed);
  const run = random.below(2 ** 31).toString(36);
  const journal: Journal = { events: [], problems: new Set() };
  const stack = temporary.current();
  using clients = clientsOf(stack.describe());
  const actions = actionsOf(clients, run);
  const load = await startLoad(clients, journal, { run, random });
  let probes = 0;
  const probe = async () => {
    await perform(actions.register(UNUSED - ++probes), journal); // needs both services
  };
  const late = await injectFaults(stack, { rounds, random, probe, say });
  const made = await load.stop();
  say([`${made} actions:`, ...summaryOf(journal.events)].join("\n"));
  const snapshot = await readSnapshot(stack.describe(), CONVERGE_MS);
  const findings = check(journal.events, snapshot);
  findings.set("everything was healthy 15 s after every kill", late);
  findings.set("every key was decided in the end", [...journal.problems]);

  const user = snapshot.effects.find(({ told }) => told?.endsWith("welcome"))!.told!.split(" ")[0]!;
  await wipeBroker(temporary, async () => {
    for (let n = 0; n < 20; n++) {
      await perform(actions.charge(UNUSED + n, uuidOf(user)), journal);
    }
  });
  const after = await readSnapshot(temporary.current().describe(), CONVERGE_MS);
  const known = new Set([...findings.values()].flat());
  const found = [...check(journal.events, after).values()].flat();
  const lost = found.filter((violation) => !known.has(violation));
  findings.set("wiping the broker's store while stopped loses no event", lost);
  return findings;
}

/** Lets events happen that no consumer sees, stops everything, and wipes the store they are in. */
async function wipeBroker(temporary: TemporaryStack, act: () => Promise<void>): Promise<void> {
  const core = temporary.current().describe().pids["core"]!;
  process.kill(core, "SIGSTOP");
  await act();
  process.kill(core, "SIGKILL");
  await temporary.restart((home) => rmSync(join(home, "nats", "jetstream"), { recursive: true }));
}

/** From here on numbers of actions are not the load's. */
const UNUSED = 1_000_000;

/** How long the events may take to arrive, by the plan (A6). */
const CONVERGE_MS = 60_000;
