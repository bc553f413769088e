import { rmSync } from "node:fs";
import { join } from "node:path";
import { uuidOf } from "#mesh/ids.ts";
import { magfaControl } from "../../scripts/platform/magfa-control.ts";
import type { TemporaryStack } from "../../scripts/platform/temporary-stack.ts";
import { actionsOf } from "./actions.ts";
import { check } from "./check.ts";
import { clientsOf } from "./clients.ts";
import { injectFaults } from "./faults.ts";
import { summaryOf } from "./history.ts";
import { startLoad } from "./load.ts";
import { type Journal, perform } from "./perform.ts";
import { probing } from "./probe.ts";
import { randomOf } from "./random.ts";
import { readSnapshot } from "./read-snapshot.ts";
import { textActionsOf } from "./text-actions.ts";
import { startTextLoad } from "./text-load.ts";
import { textScript } from "./text-script.ts";
import type { Findings } from "./verdict.ts";

/** How much is to be killed and sent, from which seed, and who hears of it. */
export type KillOptions = {
  readonly rounds: number;
  /** How many texts are taken at least. */
  readonly texts: number;
  readonly seed: number;
  readonly load: LoadSize;
  readonly say: (text: string) => void;
};

/** How much is done at the same time. */
export type LoadSize = {
  /** How many clients move money, each without a pause. */
  readonly workers: number;
  /** How long those who send texts wait after each call at most. */
  readonly maxPauseMs: number;
};

/** The environment of the stack: doubts begin after three times this, and are not waited for long. */
export const shortTimes = { MAGFA_TIMEOUT_MS: "2000" };

/**
 * Kills every process of a stack under load, then wipes its broker's store while it is stopped.
 * Returns what the checkers find, by the sentence that each proves.
 */
export async function killTest(
  temporary: TemporaryStack,
  { rounds, texts, seed, load: { workers, maxPauseMs }, say }: KillOptions,
): Promise<Findings> {
  const random = randomOf(seed);
  const run = random.below(2 ** 31).toString(36);
  const journal: Journal = { events: [], problems: new Set() };
  const stack = temporary.current();
  using clients = clientsOf(stack.describe());
  const actions = actionsOf(clients, run);
  const textActions = textActionsOf(clients, run, random);
  const remind = () => magfaControl(stack.describe()).change({ rules: textScript });
  await remind();
  const load = await startLoad(clients, journal, { run, random, workers });
  const { customers } = load;
  const textLoad = startTextLoad(clients, journal, { run, random, customers, maxPauseMs });
  const probe = probing(clients, journal, { actions, textActions, customer: customers[0]! });
  const late = await injectFaults(stack, { rounds, random, probe, remind, say });
  const taken = await textLoad.stop(texts);
  const made = await load.stop();
  say([`${made} actions and ${taken} texts:`, ...summaryOf(journal.events)].join("\n"));
  const snapshot = await readSnapshot(stack.describe(), CONVERGE_MS);
  say(`All is quiet.\n${textsOf(snapshot.texts.map(({ state }) => state))}`);
  const findings = check(journal.events, snapshot);
  findings.set("everything was healthy 15 s after every kill", late);
  findings.set("every key was decided in the end", [...journal.problems]);

  const user = snapshot.effects.find(({ told }) => told?.endsWith("welcome"))!.told!.split(" ")[0]!;
  await wipeBroker(temporary, async () => {
    for (let n = UNUSED; n < UNUSED + 20; n++) {
      await perform(actions.charge(n, uuidOf(user)), journal);
      await perform(textActions.send(n, customers[0]!), journal);
    }
    await perform(textActions.sendBatch(UNUSED + 20, customers[1]!, 100), journal);
  });
  const after = await readSnapshot(temporary.current().describe(), CONVERGE_MS);
  say(`All is quiet again.\n${textsOf(after.texts.map(({ state }) => state))}`);
  const known = new Set([...findings.values()].flat());
  const found = [...check(journal.events, after).values()].flat();
  const lost = found.filter((violation) => !known.has(violation));
  findings.set("wiping the broker's store while stopped loses no event and no text", lost);
  return findings;
}

/** Lets things happen that no consumer and no worker sees, and wipes the store they wait in. */
async function wipeBroker(temporary: TemporaryStack, act: () => Promise<void>): Promise<void> {
  const { pids } = temporary.current().describe();
  const deaf = ["core", "sms-express", "sms-bulk"].map((name) => pids[name]!);
  for (const pid of deaf) process.kill(pid, "SIGSTOP");
  await act();
  for (const pid of deaf) process.kill(pid, "SIGKILL");
  await temporary.restart((home) => rmSync(join(home, "nats", "jetstream"), { recursive: true }));
}

/** Counts what became of texts. */
function textsOf(states: readonly string[]): string {
  const counts = [...Map.groupBy(states, (state) => state)];
  return counts
    .map(([state, { length }]) => `${String(length).padStart(7)} texts ${state}`)
    .join("\n");
}

/** From here on numbers of actions are not the load's. */
const UNUSED = 1_000_000;

/** How long events and texts may take to arrive, by the plan (A6) and for a lost pointer. */
const CONVERGE_MS = 180_000;
