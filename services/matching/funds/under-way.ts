import { MAX_SUSPECT_HOLDS } from "#mesh/limits.ts";
import type { OrderId } from "../domain/command.ts";
import { fail } from "../errors.ts";
import type { Wanted } from "./funds.ts";

/** A hold that is on the ledger; its step is 0, or the number of an extra hold. */
export type FoundHold = Wanted & {
  readonly step: number;
  /** When it was made, in milliseconds since 1970. */
  readonly madeMs: number;
};

/** Which orders calls of this process are at, and which holds were found meanwhile. */
export type UnderWay = {
  /** Says that a call is at orders; throws ORDER_IN_PROGRESS for one that is being given up. */
  readonly enter: (orders: readonly OrderId[]) => void;
  readonly leave: (orders: readonly OrderId[]) => void;
  /** Does what gives up those that were kept in mind for a while; where that fails, they stay. */
  readonly ripe: (giveUp: (found: readonly FoundHold[]) => Promise<void>) => Promise<void>;
  /** When the oldest of those that are kept in mind was made; Infinity when none is. */
  readonly oldestMs: () => number;
  /**
   * Does what gives holds up; meanwhile no call can enter their orders. What a call is at is left
   * out, and kept in mind. Throws when that is too much: then the same holds may come later.
   */
  readonly exclusively: (
    found: readonly FoundHold[],
    work: (free: readonly FoundHold[]) => Promise<void>,
  ) => Promise<void>;
};

/** Keeps track of the orders of a process; suspects are ripe after so many milliseconds. */
export function createUnderWay(nowMs: () => number, ripeAfterMs: number): UnderWay {
  const calls = new Map<OrderId, number>();
  const closed = new Set<OrderId>();
  const suspects = new Map<string, { readonly found: FoundHold; readonly atMs: number }>();
  const suspect = (found: FoundHold) => {
    const key = `${found.order}/${found.step}`;
    suspects.delete(key); // so that those of the longest ago stay first
    if (suspects.size >= MAX_SUSPECT_HOLDS) throw new Error("too many holds are being used");
    suspects.set(key, { found, atMs: nowMs() });
  };
  return {
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
    ripe: async (giveUp) => {
      const ripe = [...suspects].filter(([, { atMs }]) => nowMs() - atMs >= ripeAfterMs);
      await giveUp(ripe.map(([, { found }]) => found));
      for (const [key, one] of ripe) if (suspects.get(key) === one) suspects.delete(key);
    },
    oldestMs: () => {
      let oldestMs = Infinity;
      for (const { found } of suspects.values()) oldestMs = Math.min(oldestMs, found.madeMs);
      return oldestMs;
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
