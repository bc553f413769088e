import type { Checker } from "./checker.ts";

/** Checkers 7 and 12 of the plan: what somebody is to hear of was told once, none was given up. */
export const checkNotifications = {
  "every event was told exactly once": (_, { effects, notifications }) => {
    const told = countsOf(notifications);
    const due = countsOf(effects.flatMap(({ told: about }) => about ?? []));
    return [...new Set([...told.keys(), ...due.keys()])]
      .filter((name) => told.get(name) !== due.get(name))
      .map((name) => `${name} was told ${told.get(name) ?? 0} times, not ${due.get(name) ?? 0}`);
  },
  "no event was given up": (_, { deadLetters }) => [...deadLetters],
} satisfies Record<string, Checker>;

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
