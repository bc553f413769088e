import { setImmediate } from "node:timers/promises";
import { uuidOf } from "#mesh/ids.ts";
import { LOST_SESSION_PAGE } from "#mesh/limits.ts";
import type { OrderId } from "../domain/command.ts";
import { cancelAllOrders } from "./cancel-all-orders.ts";
import type { OrderMeans } from "./order-means.ts";

type Lost = Pick<OrderMeans, "sessions" | "markets" | "writer"> & {
  readonly funds: Pick<OrderMeans["funds"], "freed">;
};

/**
 * Cancels the orders of streams that wanted it at their end and are with no process any more, such as
 * those of one that has crashed: nobody else places orders but this process.
 */
export async function endLostSessions(means: Lost, signal?: AbortSignal): Promise<void> {
  const { writer } = means;
  for (let account = 1; account <= writer.engine.accounts; account++) {
    const owner = writer.engine.account(account)!.owner;
    for (const session of await lostOf(means, account, signal)) {
      await cancelAllOrders(means, { accountId: uuidOf(owner), session }, "", {});
    }
  }
}

/** The sessions that the live orders of an account have, and that no stream has. */
async function lostOf(
  { writer, sessions }: Pick<OrderMeans, "sessions" | "writer">,
  account: number,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<number>> {
  const lost = new Set<number>();
  let after: OrderId | undefined;
  do {
    const page = writer.engine.ordersOf(account, 0, LOST_SESSION_PAGE, after);
    for (const { session } of page) if (session !== 0 && !sessions.has(session)) lost.add(session);
    after = page.length === LOST_SESSION_PAGE ? page.at(-1)!.order : undefined;
    if (after !== undefined) await setImmediate(); // others have their turn
    signal?.throwIfAborted();
  } while (after !== undefined);
  return lost;
}
