import { MAX_SUSPECT_HOLDS } from "#mesh/limits.ts";
import type { OrderId } from "../domain/command.ts";
import { fail } from "../errors.ts";
import type { Wanted } from "./funds.ts";

/** A hold that may be on the ledger; its step is 0, or the number of an extra hold. */
export type FoundHold = Wanted & { readonly step: number };

/** Which orders calls of this process are at, and which holds they have left behind. */
export type UnderWay = {
  /** Says that a call is at orders; throws ORDER_IN_PROGRESS for one that is being given up. */
  readonly enter: (orders: readonly OrderId[]) => void;
  readonly leave: (orders: readonly OrderId[]) => void;
  /** Keeps in mind what may be held for nothing; when there is too much of it, it is found later. */
  readonly suspect: (found: FoundHold) => void;
  /** Forgets the holds of those that were placed after all. */
  readonly clear: (orders: readonly OrderId[]) => void;
  /** Takes out those that may be given up by now. */
  readonly ripe: () => FoundHold[];
  /**
   * Does what gives holds up; meanwhile no call can enter their orders. What a call is at is left
   * out, and kept in mind.
   */
  readonly exclusively: (
    found: readonly FoundHold[],
    work: (free: readonly FoundHold[]) => Promise<void>,
  ) => Promise<void>;
};

/** Keeps track of the orders of a process; suspects may be given up after so many milliseconds. */
export function createUnderWay(nowMs: () => number, ripeAfterMs: number): UnderWay {
  const calls = new Map<OrderId, number>();
  const closed = new Set<OrderId>();
  const suspects = new Map<string, { readonly found: FoundHold; readonly atMs: number }>();
  const suspect = (found: FoundHold) => {
    if (suspects.size >= MAX_SUSPECT_HOLDS) return;
    suspects.set(`${found.order}/${found.step}`, { found, atMs: nowMs() });
  };
  return {
    suspect,
    enter: (orders) => {
      const shut = orders.find((order) => closed.has(order));
      if (shut !== undefined) throw fail("ORDER_IN_PROGRESS", { order_id: shut });
      for (const order of orders) calls.set(order, (calls.get(order) ?? 0) + 1);
    },
    leave: (orders) => {
      for (const order of orders) {
        const count = calls.get(order)!;
        if (count > 1) calls.set(order, count - 1);
        else calls.delete(order);
      }
    },
    clear: (orders) => {
      if (suspects.size === 0) return; // the usual case
      for (const order of orders) suspects.delete(`${order}/0`);
    },
    ripe: () => {
      const ripe: FoundHold[] = [];
      for (const [key, { found, atMs }] of suspects) {
        if (nowMs() - atMs < ripeAfterMs) break; // the oldest come first
        suspects.delete(key);
        ripe.push(found);
      }
      return ripe;
    },
    exclusively: async (found, work) => {
      const free = found.filter(({ order }) => !calls.has(order));
      for (const one of found) if (calls.has(one.order)) suspect(one);
      const mine = free.map(({ order }) => order).filter((order) => !closed.has(order));
      for (const order of mine) closed.add(order);
      try {
        await work(free);
      } finally {
        for (const order of mine) closed.delete(order);
      }
    },
  };
}
