import type { Matching } from "../context.ts";
import type { OrderId } from "../domain/command.ts";
import { type ChangeLocks, createChangeLocks } from "./change-locks.ts";
import { createReplies, type Replies } from "./replies.ts";
import { createOrderChanges, type OrderChanges } from "./order-changes.ts";
import { createReadOrder, type ReadOrder } from "./order-reader.ts";

/** What the operations on orders share in a process. */
export type OrderMeans = Matching & {
  readonly readOrder: ReadOrder;
  /** The sessions of streams whose end cancels orders. */
  readonly sessions: Set<number>;
  readonly locks: ChangeLocks;
  /** Tells those who watch. */
  readonly changes: OrderChanges;
  /** Answers changes that come again as the first time. */
  readonly replies: Replies;
  /** Orders that are being placed, and items that change some: who asks for one again gets the same answer. */
  readonly placing: Map<OrderId, Placing>;
};

/** An order that is being placed, with the hash of what was asked. */
type Placing = { readonly hash: string; readonly placed: Promise<unknown> };

/** Makes what the operations on orders share. */
export function createOrderMeans(matching: Matching): OrderMeans {
  const locks = createChangeLocks();
  const readOrder = createReadOrder(matching);
  const changes = createOrderChanges(matching);
  const replies = createReplies(matching);
  return {
    ...matching,
    readOrder,
    locks,
    changes,
    replies,
    sessions: new Set(),
    placing: new Map(),
  };
}
