import type { Random } from "../kill/random.ts";

/** Something that goes wrong at a step of a withdrawal. */
export type Fault = {
  readonly step: string;
  /** Who is killed while the step waits; absent when the process at the step kills itself. */
  readonly victim?: string;
};

/** On whom both services depend: the ledger, the events, the records, the bank. */
const neighbours = ["billing", "nats", "postgres", "simulators"];

/** Every fault there is: each process is killed at each step that it could be missed at. */
export const everyFault: readonly Fault[] = [
  ...stepsOf("core").flatMap((step) => faultsAt(step, "settlement")),
  ...stepsOf("settlement").flatMap((step) => faultsAt(step, "core")),
];

/** Rounds of one fault each: every fault there is, in an order of chance. */
export function singleFaults(random: Random): Fault[][] {
  return random.shuffled(everyFault).map((fault) => [fault]);
}

/**
 * Rounds of two or three faults at a time, which have every step and every victim among them, with
 * chance for the rest. The faults of a round happen at different steps.
 */
export function mixedFaults(random: Random): Fault[][] {
  const victims = random.shuffled([...neighbours, "core", "settlement"]);
  const waits = victims.map((victim) =>
    random.pick(everyFault.filter((fault) => fault.victim === victim)),
  );
  const kills = everyFault.filter(({ victim }) => victim === undefined);
  const rounds: Fault[][] = victims.map(() => []);
  for (const fault of [...waits, ...random.shuffled(kills)]) {
    const fitting = rounds.filter((round) => !round.some(({ step }) => step === fault.step));
    fitting.toSorted((one, other) => one.length - other.length)[0]!.push(fault);
  }
  return rounds;
}

/** Faults in words. */
export function textOf(faults: readonly Fault[]): string {
  const texts = faults.map(({ step, victim }) =>
    victim === undefined ? `kill at ${step}` : `kill of ${victim} while ${step} waits`,
  );
  return texts.join(" and ");
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
