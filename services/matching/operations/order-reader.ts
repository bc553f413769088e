import { coalesce } from "#mesh/coalesce.ts";
import { MAX_READ_ORDERS, MAX_WAITING_READS } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import type { OrderId } from "../domain/command.ts";
import type { OrderRecord } from "../domain/order-record.ts";
import { readOrders } from "../store/read-orders.ts";

/** Reads the row of an order, with all that was answered by now in it. */
export type ReadOrder = (id: OrderId) => Promise<OrderRecord | undefined>;

/** Makes what reads the orders that many callers want at a time in one statement. */
export function createReadOrder({ db, writer }: Pick<Matching, "db" | "writer">): ReadOrder {
  const { add } = coalesce<OrderId, OrderRecord | undefined>({
    flush: async (ids) => {
      await writer.flushed();
      const found = await readOrders(db.sql, ids);
      return ids.map((id) => found.get(id));
    },
    maxItems: MAX_READ_ORDERS,
    maxWaiting: MAX_WAITING_READS,
    maxRunning: 2,
  });
  return async (id) => add(id);
}
