import { type Clock, systemClock } from "#mesh/clock.ts";
import { retryLater } from "#mesh/errors.ts";
import { MAX_WAITING_CHANGES, OVERLOAD_RETRY_MS } from "#mesh/limits.ts";
import { fail } from "#mesh/reasons.ts";
import type { OrderId } from "../domain/command.ts";
import type { Bounds } from "../writer/submission.ts";

/**
 * Keeps changes apart that must not meet: an amendment that takes an extra hold computes it from the
 * order as it is, so that nothing else may change what the order needs until it is journaled.
 */
export type ChangeLocks = {
  /** Changes orders as commands say it; any number of such works may run at a time. */
  readonly together: <T>(orders: readonly OrderId[], work: () => Promise<T>) => Promise<T>;
  /**
   * Changes an order by itself: no other work of either kind is at it meanwhile. Throws OVERLOADED
   * when too many wait for that, and DEADLINE_PASSED for one whose turn comes too late.
   */
  readonly alone: <T>(order: OrderId, work: () => Promise<T>, bounds: Bounds) => Promise<T>;
};

/** Makes the locks; an order that nobody changes takes no memory. */
export function createChangeLocks(clock: Clock = systemClock): ChangeLocks {
  const shared = new Map<OrderId, Promise<unknown>>(); // those under way, all of them together
  const alone = new Map<OrderId, Promise<unknown>>(); // the last one in the line
  const lengths = new Map<OrderId, number>(); // of the lines
  return {
    together: async (orders, work) => {
      for (let busy = busyOf(orders, alone); busy.length > 0; busy = busyOf(orders, alone)) {
        await Promise.allSettled(busy);
      }
      const running = work();
      const settled = Promise.allSettled([running]);
      for (const order of orders) {
        const before = shared.get(order);
        const all = before === undefined ? settled : Promise.all([before, settled]);
        shared.set(order, all);
        const forget = () => shared.get(order) === all && shared.delete(order);
        void all.then(forget);
      }
      return running;
    },
    alone: async (order, work, bounds) => {
      const length = 1 + (lengths.get(order) ?? 0);
      if (length > MAX_WAITING_CHANGES) throw overloaded();
      lengths.set(order, length);
      const before = alone.get(order);
      const mine = (async () => {
        await Promise.allSettled([before]);
        await shared.get(order); // none joins it: they wait for this one
        if (isLate(bounds, clock)) throw fail("DEADLINE_PASSED");
        return work();
      })();
      alone.set(order, mine);
      try {
        return await mine;
      } finally {
        if (alone.get(order) === mine) alone.delete(order);
        const left = lengths.get(order)! - 1;
        if (left > 0) lengths.set(order, left);
        else lengths.delete(order);
      }
    },
  };
}

function isLate({ signal, deadlineMs = Infinity }: Bounds, clock: Clock): boolean {
  return signal?.aborted === true || clock.nowMs() >= deadlineMs;
}

function overloaded() {
  const values = { resource: "The order", retry_ms: OVERLOAD_RETRY_MS };
  return retryLater(fail("OVERLOADED", values), OVERLOAD_RETRY_MS);
}

function busyOf(
  orders: readonly OrderId[],
  alone: ReadonlyMap<OrderId, Promise<unknown>>,
): Promise<unknown>[] {
  if (alone.size === 0) return [];
  return orders.flatMap((order) => alone.get(order) ?? []);
}
