import type { ConnectError } from "@connectrpc/connect";
import { retryLater } from "#mesh/errors.ts";
import { failpoint } from "#mesh/failpoint.ts";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { IN_PROGRESS_RETRY_MS } from "#mesh/limits.ts";
import { fail as failForAll } from "#mesh/reasons.ts";
import type { Withdrawing } from "../context.ts";
import type { Withdrawal } from "../domain/withdrawal.ts";
import { askedAtMs } from "../domain/withdrawal-ids.ts";
import { fail } from "../errors.ts";
import {
  type Earlier,
  findObstacles,
  insertWithdrawals,
  type NewWithdrawal,
  type Obstacle,
} from "../store/new-withdrawals.ts";

/** What a merchant asks for under a key. */
export type Order = {
  /** The id that its withdrawal gets, if it is the first of its key. */
  readonly id: string;
  readonly call: IdempotentCall;
  readonly merchantId: string;
  /** In minor units. */
  readonly amount: bigint;
  /** Until when the caller waits, in epoch milliseconds. */
  readonly endMs: number;
};

/** What became of an order: it will be carried out, or its key has been used before, or neither. */
export type Verdict =
  | { readonly kind: "STORED"; readonly row: Withdrawal }
  | { readonly kind: "EARLIER"; readonly earlier: Earlier }
  | { readonly kind: "REFUSED"; readonly error: ConnectError };

/** Makes an order. */
export function newOrder(order: Omit<Order, "id">): Order {
  return { ...order, id: newId() };
}

/**
 * Stores orders, one a key, as withdrawals that will be carried out whatever happens. Refuses with
 * MERCHANT_NOT_ACTIVE, IDEMPOTENCY_KEY_REUSED and IDEMPOTENCY_IN_PROGRESS.
 */
export async function takeOrders(
  { db, terms }: Pick<Withdrawing, "db" | "terms">,
  orders: readonly Order[],
): Promise<Verdict[]> {
  await failpoint("withdrawal.received");
  const wanted = orders.map((order) => toRow(order, terms.fee));
  const stored = new Map((await insertWithdrawals(db.sql, wanted)).map((row) => [row.id, row]));
  const missing = wanted.filter(({ id }) => !stored.has(id));
  const found = missing.length === 0 ? [] : await findObstacles(db.sql, missing);
  const obstacles = new Map(found.map((one) => [nameOf(one), one]));
  await failpoint("withdrawal.stored");
  return orders.map((order, at): Verdict => {
    const row = stored.get(order.id);
    if (row !== undefined) return { kind: "STORED", row };
    return judge(order, obstacles.get(nameOf(wanted[at]!)));
  });
}

function toRow({ id, call, merchantId, amount }: Order, fee: bigint): NewWithdrawal {
  const { key, hash } = call;
  return { id, merchantId, amount, fee, key, hash, createdAtMs: askedAtMs(id) };
}

function nameOf({ merchantId, key }: Pick<Obstacle, "merchantId" | "key">): string {
  return `${merchantId} ${key}`;
}

function judge({ call, merchantId }: Order, obstacle: Obstacle | undefined): Verdict {
  const { key, hash } = call;
  const earlier = obstacle?.earlier;
  if (earlier !== undefined) {
    if (Buffer.compare(earlier.hash, hash) === 0) return { kind: "EARLIER", earlier };
    return { kind: "REFUSED", error: failForAll("IDEMPOTENCY_KEY_REUSED", { key }) };
  }
  if (obstacle?.merchant !== "ACTIVE") {
    return { kind: "REFUSED", error: fail("MERCHANT_NOT_ACTIVE", { merchant_id: merchantId }) };
  }
  // It has become active, or its key free, a moment ago.
  return { kind: "REFUSED", error: inProgress(key) };
}

/** Says that the request is still running, and when to ask again. */
export function inProgress(key: string): ConnectError {
  const running = failForAll("IDEMPOTENCY_IN_PROGRESS", { key });
  return retryLater(running, IN_PROGRESS_RETRY_MS);
}
