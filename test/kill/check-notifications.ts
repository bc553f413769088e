import type { Checker } from "./checker.ts";

/** Checkers 7 and 12 of the plan: what somebody is to hear of was told once, none was given up. */
export const checkNotifications = {
  "every event was told exactly once": (_, { effects, notifications }) => {
    const told = new Map<string, number>();
    for (const name of notifications) told.set(name, (told.get(name) ?? 0) + 1);
    const missing = effects.filter(({ told: about }) => about !== undefined && !told.has(about));
    const due = new Set(effects.map(({ told: about }) => about));
    return [
      ...missing.map(({ told: about }) => `nobody was told of ${about}`),
      ...[...told].filter(([, n]) => n > 1).map(([name, n]) => `${name} was told ${n} times`),
      ...[...told.keys()]
        .filter((name) => !due.has(name))
        .map((name) => `${name} was told in vain`),
    ];
  },
  "no event was given up": (_, { deadLetters }) => [...deadLetters],
} satisfies Record<string, Checker>;
