import type { OrderId } from "../domain/command.ts";

/** The ids that this process has had refused for ever; those of earlier ones are in the store. */
export type Burned = {
  has(order: OrderId): boolean;
  add(orders: readonly OrderId[]): void;
  /** They are refused no more: they were known after all. */
  remove(orders: readonly OrderId[]): void;
};

/** Remembers so many; the oldest are forgotten, whose calls have ended long ago. */
export function createBurned(most: number): Burned {
  const known = new Set<OrderId>();
  return {
    has: (order) => known.size > 0 && known.has(order),
    add(orders) {
      for (const order of orders) known.add(order);
      for (const order of known) {
        if (known.size <= most) return;
        known.delete(order);
      }
    },
    remove(orders) {
      for (const order of orders) known.delete(order);
    },
  };
}
