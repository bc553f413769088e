import type { Random } from "../../kill/random.ts";

/** Something that goes wrong while people trade. */
export type Fault = {
  /** A named step of matching; docs/matching.md tells what is done then. */
  readonly step: string;
  /** Who is killed while the step waits; absent when matching kills itself there. */
  readonly victim?: string;
};

/** On whom matching depends: the ledger, the events, the records. */
const neighbours = ["billing", "nats", "postgres"];

/** The steps that a batch comes to, in their order. */
const onTheWay = ["held", "journaling", "journaled", "applied", "snapshot", "snapshot-written"];

/** The steps of a start, which come after a kill. */
const atStart = ["replay", "takeover"];

/** Every fault there is: everybody is killed at each step that they could be missed at. */
export const everyFault: readonly Fault[] = [...onTheWay, ...atStart].flatMap((name) => {
  const step = `matching.${name}`;
  const waits: Fault[] = neighbours.map((victim) => ({ step, victim }));
  return waits.concat({ step });
});

/** Whether somebody comes to a step only when matching is started again. */
export function isAtStart({ step }: Fault): boolean {
  return atStart.some((name) => step === `matching.${name}`);
}

/** Every fault there is, in an order of chance. */
export function allFaults(random: Random): Fault[] {
  return random.shuffled(everyFault);
}

/**
 * A few faults that have every step and every victim among them, in an order of chance. Matching
 * itself dies after it has taken holds, so that there are orphans.
 */
export function someFaults(random: Random): Fault[] {
  const others = random.shuffled([...onTheWay.slice(1), ...atStart]);
  const faults = others.map((name, place): Fault => {
    const [step, victim] = [`matching.${name}`, neighbours[place]];
    return victim === undefined ? { step } : { step, victim };
  });
  return random.shuffled([...faults, { step: HELD }]);
}

/** Where holds are taken, and nothing is journaled yet. */
const HELD = "matching.held";

/** Whether holds stay behind where nobody asks again. */
export function leavesHolds({ step, victim }: Fault): boolean {
  return step === HELD && victim === undefined;
}

/** A fault in words. */
export function textOf({ step, victim }: Fault): string {
  return victim === undefined ? `kill at ${step}` : `kill of ${victim} while ${step} waits`;
}
