import type { Checker } from "./checker.ts";

/** Checker 4 of the plan: the ledger's order never contradicts the clocks of its clients. */
export const checkOrder = {
  "what was acknowledged before another call began stands before it": (operations, { effects }) => {
    const byEffect = new Map([...operations.values()].map((one) => [one.effect, one]));
    const firstAcked = new Map<string, { ackedMs: number; name: string }>();
    const found: string[] = [];
    const rows = effects.filter(({ seq }) => seq !== undefined);
    // From the last row to the first: of all rows that stand later, the first acknowledged decides.
    for (const { name, accounts = [] } of rows.toSorted((one, other) => other.seq! - one.seq!)) {
      const operation = byEffect.get(name);
      if (operation === undefined) continue; // nobody asked for it, which is told
      const { invokedMs, ackedMs = Number.POSITIVE_INFINITY } = operation;
      for (const account of accounts) {
        const later = firstAcked.get(account);
        if (later !== undefined && later.ackedMs < invokedMs) {
          found.push(`${name} began after ${later.name} was acknowledged, but stands before it`);
        }
        if (later === undefined || ackedMs < later.ackedMs)
          firstAcked.set(account, { ackedMs, name });
      }
    }
    return found;
  },
} satisfies Record<string, Checker>;
