import { setTimeout as sleep } from "node:timers/promises";
import { SESSION_END } from "#mesh/limits.ts";
import { cancelAllOrders } from "./cancel-all-orders.ts";
import type { OrderMeans } from "./order-means.ts";
import type { Who } from "./placed.ts";

type Ending = Pick<OrderMeans, "log" | "markets" | "sessions" | "writer"> & {
  readonly funds: Pick<OrderMeans["funds"], "freed">;
};

/**
 * Cancels the orders of a stream that wanted it at its end. When that fails again and again the
 * session counts as lost, so that a job cancels them later (end-lost-sessions.ts).
 */
export async function endSession(means: Ending, who: Who): Promise<void> {
  try {
    for (let tries = 1; !(await isOver(means, who, tries)); tries++)
      await sleep(SESSION_END.pauseMs);
  } finally {
    means.sessions.delete(who.session);
  }
}

async function isOver(means: Ending, who: Who, tries: number): Promise<boolean> {
  try {
    await cancelAllOrders(means, who, "", {});
    return true;
  } catch (error) {
    means.log.warn({ err: error, tries }, "the orders of a stream that has ended live on");
    return tries >= SESSION_END.tries;
  }
}
