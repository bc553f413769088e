import { setTimeout as sleep } from "node:timers/promises";
import { type Coalesced, coalesce } from "#mesh/coalesce.ts";
import type { Reply } from "#mesh/database/reply.ts";
import { reasonOf, retryLater } from "#mesh/errors.ts";
import {
  MAX_ACCEPTING_MESSAGES,
  MAX_CHUNK_MESSAGES,
  MAX_STORED_AT_ONCE,
  OVERLOAD_RETRY_MS,
  QUEUE_RETRY_MS,
} from "#mesh/limits.ts";
import { fail as failForAll } from "#mesh/reasons.ts";
import type { Sms } from "../context.ts";
import { fail } from "../errors.ts";
import { apart, type Outcome } from "./apart.ts";
import { endOf } from "./end-of.ts";
import type { Order } from "./order.ts";
import { type Answer, queueOrders } from "./queue-orders.ts";
import {
  type Reserved,
  reserveOrders,
  reserveSingly,
  type ReserveVerdict,
  type Short,
} from "./reserve-orders.ts";
import { type Stored, storeOrders, type StoreVerdict } from "./store-orders.ts";

/**
 * Takes an order: stores its messages, reserves their price and puts them into their lanes, once a
 * key (MON-1). Orders that come at the same time share transactions and calls to the ledger. An
 * order whose caller leaves before it is stored is dropped; later it is brought to its end. Throws
 * OVERLOADED, LEDGER_AWAY and ABANDONED, and IDEMPOTENCY_KEY_REUSED and IDEMPOTENCY_IN_PROGRESS.
 */
export type Accept = (order: Order, signal: AbortSignal) => Promise<Accepted>;

/** The answer to an order, and whether it is that of an earlier call. */
type Accepted = { readonly reply: Reply; readonly isReplay: boolean };

/** Begins to take orders. Large ones have a line of their own, so that no single text waits for them. */
export function createAccept(sms: Sms): Accept {
  const lines = { small: lineOf(sms, 2), large: lineOf(sms, 1) };
  let messages = 0;
  sms.metrics.watch("mizan_sms_accepting", "Messages that are being accepted.", () => messages);
  return async (order, signal) => {
    const size = sizeOf(order);
    if (messages + size > MAX_ACCEPTING_MESSAGES) throw overloaded();
    messages += size;
    try {
      const line = order.texts.length > MAX_CHUNK_MESSAGES ? lines.large : lines.small;
      return await take(line, order, signal);
    } finally {
      messages -= size;
    }
  };
}

/** The stages of the acceptance; while one group is in a stage the next one fills. */
type Line = {
  readonly storing: Coalesced<Order, Outcome<StoreVerdict>>;
  readonly reserving: Coalesced<Stored, ReserveVerdict>;
  readonly singly: Coalesced<Short, ReserveVerdict>;
  readonly queueing: Coalesced<Reserved, Outcome<Answer>>;
};

/** Two transactions of a stage may run at a time; money is asked for in the order of arrival. */
function lineOf(sms: Sms, maxRunning: number): Line {
  const bounds = { maxItems: MAX_STORED_AT_ONCE, maxWaiting: MAX_ACCEPTING_MESSAGES };
  const written = { ...bounds, maxRunning };
  const store = async (orders: readonly Order[]) => storeOrders(sms, orders);
  return {
    storing: coalesce({ ...written, flush: async (orders) => apart(orders, store), sizeOf }),
    reserving: coalesce({
      ...bounds,
      flush: async (orders) => reserveOrders(sms, orders),
      sizeOf: ({ draft }) => sizeOf(draft.order),
    }),
    singly: coalesce({
      ...bounds,
      flush: async (orders) => reserveSingly(sms, orders),
      sizeOf: ({ stored }) => sizeOf(stored.draft.order),
    }),
    queueing: coalesce({
      ...written,
      flush: async (orders) => apart(orders, async (some) => queue(sms, some)),
      sizeOf: ({ stored }) => sizeOf(stored.draft.order),
    }),
  };
}

/** What is reserved is not given up for want of a connection. */
async function queue(sms: Sms, orders: readonly Reserved[]): Promise<Answer[]> {
  const endMs = endOf(
    sms.terms,
    orders.map(({ stored }) => stored),
  );
  for (;;) {
    try {
      return await queueOrders(sms, orders);
    } catch (error) {
      if (reasonOf(error) !== "OVERLOADED" || Date.now() >= endMs) throw error;
      await sleep(QUEUE_RETRY_MS);
    }
  }
}

async function take(line: Line, order: Order, signal: AbortSignal): Promise<Accepted> {
  const stored = (await line.storing.add(order, signal))();
  if (stored.kind === "REFUSED") throw stored.error;
  if (stored.kind === "ANSWERED") return stored;
  const reserved = await reserve(line, stored);
  const reply = (await line.queueing.add(reserved))();
  if (reply === undefined) throw fail("ABANDONED");
  return { reply, isReplay: false };
}

async function reserve(line: Line, stored: Stored): Promise<Reserved> {
  let verdict = await line.reserving.add(stored);
  if (verdict.kind === "SHORT") verdict = await line.singly.add(verdict);
  if (verdict.kind === "RESERVED") return verdict;
  throw verdict.kind === "FAILED" ? verdict.error : new Error("an order is short for ever");
}

/** An order without texts takes some work too. */
function sizeOf({ texts }: Order): number {
  return Math.max(1, texts.length);
}

function overloaded() {
  const values = { resource: "the acceptance of messages", retry_ms: OVERLOAD_RETRY_MS };
  return retryLater(failForAll("OVERLOADED", values), OVERLOAD_RETRY_MS);
}
