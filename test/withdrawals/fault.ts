import type { Random } from "../kill/random.ts";

/** Something that goes wrong at a step of a withdrawal. */
export type Fault = {
  readonly step: string;
  /** Who is killed while the step waits; absent when the process at the step kills itself. */
  readonly victim?: string;
};

/** Every fault there is: each process is killed at each step that it could be missed at. */
export const everyFault: readonly Fault[] = [
  ...stepsOf("core").flatMap((step) => faultsAt(step, "settlement")),
  ...stepsOf("settlement").flatMap((step) => faultsAt(step, "core")),
];

/** A few faults that have every step and every victim among them, with chance for the rest. */
export function someFaults(random: Random): Fault[] {
  const victims = random.shuffled([...neighbours, "core", "settlement"]);
  const waits = victims.map((victim) =>
    random.pick(everyFault.filter((fault) => fault.victim === victim)),
  );
  const kills = everyFault.filter(({ victim }) => victim === undefined);
  return random.shuffled([...kills, ...waits]);
}

/** A fault in words. */
export function textOf({ step, victim }: Fault): string {
  return victim === undefined ? `kill at ${step}` : `kill of ${victim} while ${step} waits`;
}

/** The named steps of a withdrawal, in their order; docs/withdrawals.md tells what is done then. */
function stepsOf(service: "core" | "settlement"): string[] {
  return service === "core"
    ? ["received", "stored", "held", "paid", "booked", "finished"].map((it) => `withdrawal.${it}`)
    : ["received", "stored", "called", "recorded"].map((it) => `payout.${it}`);
}

function faultsAt(step: string, other: string): Fault[] {
  return [{ step }, ...[...neighbours, other].map((victim) => ({ step, victim }))];
}

/** On whom both services depend: the ledger, the events, the records, the bank. */
const neighbours = ["billing", "nats", "postgres", "simulators"];
