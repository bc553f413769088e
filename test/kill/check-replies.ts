import type { Checker } from "./checker.ts";

/** Checker 6 of the plan: whoever repeats a key hears the same again. */
export const checkReplies = {
  "the same key had the same answer": (operations) =>
    [...operations.values()]
      .filter(({ replies }) => new Set(replies).size > 1)
      .map(({ kind, key, replies }) => {
        return `${kind} ${key} was answered: ${[...new Set(replies)].join(" | ")}`;
      }),
} satisfies Record<string, Checker>;
