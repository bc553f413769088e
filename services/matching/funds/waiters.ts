import type { OrderId } from "../domain/command.ts";

type Held = { readonly hold: OrderId };

/** Those who wait until nothing is under way for some holds any more. */
export type Waiters = {
  readonly add: (some: readonly Held[]) => void;
  readonly done: (some: readonly Held[]) => void;
  /** Waits until all that was added for some holds is done, so many milliseconds at most. */
  readonly wait: (holds: readonly OrderId[], mostMs: number) => Promise<void>;
};

/** Makes the waiting room of a process. */
export function createWaiters(): Waiters {
  const underWay = new Map<OrderId, { count: number; readonly wake: Set<() => void> }>();
  return {
    add: (some) => {
      for (const { hold } of some) {
        const known = underWay.get(hold);
        if (known === undefined) underWay.set(hold, { count: 1, wake: new Set() });
        else known.count += 1;
      }
    },
    done: (some) => {
      for (const { hold } of some) {
        const known = underWay.get(hold)!;
        known.count -= 1;
        if (known.count > 0) continue;
        underWay.delete(hold);
        for (const wake of known.wake) wake();
      }
    },
    wait: async (holds, mostMs) => {
      const open = holds.flatMap((hold) => underWay.get(hold) ?? []);
      if (open.length === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, mostMs);
      const all = open.map(async ({ wake }) => new Promise<void>((done) => wake.add(done)));
      void Promise.all(all).then(() => resolve());
      await promise;
      clearTimeout(timer);
    },
  };
}
