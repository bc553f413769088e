import type { Checker } from "./checker.ts";
import type { Effect, Snapshot } from "./snapshot.ts";

/** Checker 1 of the plan: what was acknowledged happened, and nothing else did, and only once. */
export const checkEffects = {
  "what was acknowledged has happened": (operations, snapshot) => {
    const counts = countsOf(snapshot);
    return [...operations.values()]
      .filter(({ ackedMs, effect }) => ackedMs !== undefined && !counts.has(effect))
      .map(({ kind, key, effect }) => `${kind} ${key} was acknowledged, but there is no ${effect}`);
  },
  "what was refused has not happened": (operations, snapshot) => {
    const counts = countsOf(snapshot);
    return [...operations.values()]
      .filter(({ refused, effect }) => refused && counts.has(effect))
      .map(({ kind, key, effect }) => `${kind} ${key} was refused, but there is ${effect}`);
  },
  "nothing happened that nobody asked for": (operations, { effects }) => {
    const asked = new Set([...operations.values()].map(({ effect }) => effect));
    // Of a batch that is too dear, sms makes holds and releases them for smaller ones (MON-3).
    const isNothing = ({ undone }: Effect) => undone !== undefined && !asked.has(undone);
    return effects
      .filter(({ name, chunk }) => chunk === undefined && !asked.has(name))
      .filter((effect) => !isNothing(effect))
      .map(({ name }) => `there is ${name}, which nobody asked for`);
  },
  "every key had one effect at most": (_, snapshot) =>
    [...countsOf(snapshot)]
      .filter(([, count]) => count > 1)
      .map(([name, count]) => `${name} happened ${count} times`),
} satisfies Record<string, Checker>;

function countsOf({ effects }: Snapshot): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of effects) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
