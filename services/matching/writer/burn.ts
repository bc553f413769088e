import type { OrderId } from "../domain/command.ts";
import { burnOrders } from "../store/burn-orders.ts";
import { newOrders } from "./batch.ts";
import type { Books } from "./books.ts";
import type { Desk } from "./desk.ts";

/**
 * Has orders refused for ever that are neither live, nor stored, nor about to be placed; returns
 * those that are. Commands that come from now on meet it in memory, and those of later processes in
 * the store.
 */
export async function burn(
  { books, desk }: { readonly books: () => Books; readonly desk: Desk },
  orders: readonly OrderId[],
): Promise<readonly OrderId[]> {
  const { queue, burned, flushes } = desk;
  const { engine } = desk.applier;
  const isPending = new Set<OrderId>();
  const sent = desk.sent().flatMap(({ jobs }) => jobs.map(({ job }) => job));
  for (const job of [...queue.all(), ...sent]) {
    if (!("submissions" in job.work)) continue;
    for (const { command } of job.work.submissions) {
      for (const order of newOrders(command)) isPending.add(order);
    }
  }
  const unknown = orders.filter(
    (order) => engine.order(order) === undefined && !isPending.has(order),
  );
  burned.add(unknown); // should this fail, they stay refused until a later try frees their money
  await flushes.wait(); // whatever has ended by now is stored then
  const { commits, fence } = books();
  const stored = new Set(await burnOrders(commits, fence, unknown));
  burned.remove(unknown.filter((order) => !stored.has(order)));
  return unknown.filter((order) => stored.has(order));
}
