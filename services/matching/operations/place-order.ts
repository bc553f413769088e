import { hash as digest } from "node:crypto";
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
  const hashed = { ...ask, hash: hashOf([ask.order]) };
  return joined(means, hashed, async () => {
    const todo = await placeWork(means, hashed, who);
    if ("placed" in todo) return todo.placed;
    const [placed] = await doWorks(means, [todo.work], bounds);
    return orThrow(placed!);
  });
}

/**
 * The hash of what is asked for: the same orders have the same one, whatever their request is called.
 * An order that replaces another has one with that.
 */
export function hashOf(orders: readonly AskedOrder[], replaced = ""): string {
  const parts = orders.flatMap((order) => {
    const bytes = canonicalBytes(NewOrderSchema, order);
    return [Buffer.from(`${bytes.length}/`), bytes];
  });
  return digest("sha256", Buffer.concat([...parts, Buffer.from(replaced)]), "hex").slice(0, 32);
}

/**
 * Does what places an order, or waits for the one who does so already. Throws
 * IDEMPOTENCY_KEY_REUSED when that is for another content.
 */
export async function joined<T extends { readonly isReplay: boolean }>(
  { placing }: Pick<OrderMeans, "placing">,
  { id, key, hash }: Pick<Hashed, "id" | "key" | "hash">,
  place: () => Promise<T>,
): Promise<T> {
  const running = placing.get(id);
  if (running !== undefined) {
    if (running.hash !== hash) throw failOfMesh("IDEMPOTENCY_KEY_REUSED", { key });
    const placed = await (running.placed as Promise<T>); // an id is of one kind of request
    return { ...placed, isReplay: true };
  }
  const placed = place();
  placing.set(id, { hash, placed });
  try {
    return await placed;
  } finally {
    placing.delete(id);
  }
}

/** The answer of a work; throws its refusal. */
export function orThrow<T>(settled: Settled<T>): T {
  if ("error" in settled) throw settled.error;
  return settled.answer;
}
