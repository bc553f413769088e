import { hash } from "node:crypto";
import {
  type NewOrder as AskedOrder,
  NewOrderSchema,
} from "#gen/mizan/matching/v1/order_service_pb.ts";
import { canonicalBytes } from "#mesh/interceptors/canonical.ts";
import { fail as failOfMesh } from "#mesh/reasons.ts";
import type { Bounds } from "../writer/submission.ts";
import type { Hashed } from "./find-placed.ts";
import type { OrderMeans } from "./order-means.ts";
import { placeWork } from "./place-work.ts";
import type { Placed, PlaceAsk, Who } from "./placed.ts";
import { doWorks, type Settled } from "./works.ts";

/** Places one order. Throws what it is refused with; see OrderService.PlaceOrder. */
export async function placeOrder(
  means: OrderMeans,
  ask: PlaceAsk,
  who: Who,
  bounds: Bounds,
): Promise<Placed> {
  return joined(means, { ...ask, hash: hashOf(ask.order) }, async (hashed) => {
    const todo = await placeWork(means, hashed, who);
    if ("placed" in todo) return todo.placed;
    const [placed] = await doWorks(means, [todo.work], bounds);
    return orThrow(placed!);
  });
}

/** The hash of what is asked for: the same order has the same one, whatever its request is called. */
export function hashOf(order: AskedOrder): string {
  return hash("sha256", canonicalBytes(NewOrderSchema, order), "hex").slice(0, 32);
}

/** Places an order, or waits for the one who does so already. Throws IDEMPOTENCY_KEY_REUSED. */
export async function joined(
  { placing }: Pick<OrderMeans, "placing">,
  ask: Hashed,
  place: (ask: Hashed) => Promise<Placed>,
): Promise<Placed> {
  const running = placing.get(ask.id);
  if (running !== undefined) {
    if (running.hash !== ask.hash) throw failOfMesh("IDEMPOTENCY_KEY_REUSED", { key: ask.key });
    return { ...(await running.placed), isReplay: true };
  }
  const placed = place(ask);
  placing.set(ask.id, { hash: ask.hash, placed });
  try {
    return await placed;
  } finally {
    placing.delete(ask.id);
  }
}

/** The answer of a work; throws its refusal. */
export function orThrow<T>(settled: Settled<T>): T {
  if ("error" in settled) throw settled.error;
  return settled.answer;
}
