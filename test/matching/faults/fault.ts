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

/** Rounds of one fault each: every fault there is, in an order of chance. */
export function singleFaults(random: Random): Fault[][] {
  return random.shuffled(everyFault).map((fault) => [fault]);
}

/**
 * A few rounds that have every step and every victim among them, in an order of chance. Matching
 * itself dies after it has taken holds, so that some are left behind; and at each step of a start,
 * which follows a death at another step.
 */
export function mixedFaults(random: Random): Fault[][] {
  const [first, second, ...waits] = random
    .shuffled(onTheWay.slice(1))
    .map((name) => `matching.${name}`);
  const [billing, nats, postgres] = waits.map((step, place) => ({
    step,
    victim: neighbours[place]!,
  }));
  const [one, other] = random.shuffled(atStart).map((name) => ({ step: `matching.${name}` }));
  return random.shuffled([
    [{ step: HELD }],
    [{ step: first! }, one!],
    [{ step: second! }, other!],
    [billing!, nats!],
    [postgres!],
  ]);
}

/** Where holds are taken, and nothing is journaled yet. */
const HELD = "matching.held";

/** Whether holds stay behind where nobody asks again. */
export function leavesHolds({ step, victim }: Fault): boolean {
  return step === HELD && victim === undefined;
}

/** Faults in words. */
export function textOf(faults: readonly Fault[]): string {
  const texts = faults.map(({ step, victim }) =>
    victim === undefined ? `kill at ${step}` : `kill of ${victim} while ${step} waits`,
  );
  return texts.join(" and ");
}
