import { ok } from "node:assert/strict";
import { keepReplies } from "#mesh/database/idempotency-group.ts";
import type { Reply } from "#mesh/database/reply.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import type { Sms } from "../context.ts";
import { type Change, messagesChanged, tasksQueued } from "../events.ts";
import { addLedgerSteps } from "../store/ledger-steps.ts";
import { deleteUnwanted, insertAlone, queueChunks, queueTasks } from "../store/queue-rows.ts";
import type { DraftChunk, TakenMessage } from "./order.ts";
import type { Reserved } from "./reserve-orders.ts";

/** The answer of an order; undefined for one that was given up before it could be queued. */
export type Answer = Reply | undefined;

/**
 * The second transaction of the acceptance (MON-1): puts what is paid into its lanes, deletes what
 * is not, and keeps the answers. An order that the sweeper was faster with gets no answer, and its
 * holds are released (MON-4).
 */
export async function queueOrders(
  { db, terms, currency, provider }: Pick<Sms, "db" | "terms" | "currency" | "provider">,
  orders: readonly Reserved[],
): Promise<Answer[]> {
  const chunks = orders.flatMap(({ stored }) => stored.draft.chunks);
  const answers = await transaction(db, async (tx) => {
    const { atMs, queued } = await queueTasks(tx, chunks, terms.requeueMs);
    const won = orders.filter((order) => isQueued(order, queued));
    const lost = orders.filter((order) => !isQueued(order, queued));
    await addLedgerSteps(tx, lost.flatMap(releasesOf));
    await deleteUnwanted(tx, {
      messageIds: won.flatMap(({ unpaid }) => unpaid.map(({ id }) => id)),
      chunks: won.flatMap(({ gone }) => gone),
    });
    await insertAlone(tx, won.flatMap(aloneOf), terms.requeueMs);
    await queueChunks(tx, won.flatMap(paidOf));
    await tasksQueued(
      tx,
      won.flatMap((order) => tasksOf(order, provider.name)),
    );
    await messagesChanged(
      tx,
      won.flatMap((order) => changesOf(order, atMs)),
      currency,
    );
    const replies = new Map(won.map((order) => [order, replyOf(order, atMs)]));
    await keepReplies(
      tx,
      [...replies].map(([{ stored }, reply]) => ({ call: stored.draft.order.call, reply })),
    );
    return orders.map((order) => replies.get(order));
  });
  committed(); // the lanes begin at once
  return answers;
}

/** Whether nobody else has moved the tasks of an order. */
function isQueued({ stored }: Reserved, queued: ReadonlySet<string>): boolean {
  const { chunks } = stored.draft;
  const count = chunks.filter(({ taskId }) => queued.has(taskId)).length;
  ok(count === 0 || count === chunks.length, "the tasks of a request move together");
  return count > 0;
}

/** The chunks of an order whose price is reserved. */
function paidOf({ kept, alone }: Reserved): DraftChunk[] {
  return alone.length === 0 ? [...kept] : [...kept, ...alone];
}

function releasesOf(order: Reserved) {
  const priced = paidOf(order).filter(({ price }) => price > 0n);
  return priced.map(({ id }) => ({ kind: "RELEASE" as const, holdId: id }));
}

function aloneOf({ stored, alone }: Reserved) {
  const { accountId, rateCard } = stored.draft.order;
  return alone.map((chunk) => ({ ...chunk, accountId, rateCard }));
}

function tasksOf(order: Reserved, provider: string) {
  const { accountId } = order.stored.draft.order;
  return paidOf(order).map(({ taskId, lane }) => ({ taskId, lane, provider, accountId }));
}

function changesOf(order: Reserved, atMs: number): Change[] {
  const { accountId } = order.stored.draft.order;
  const messages = paidOf(order).flatMap((chunk) => chunk.messages);
  return messages.map(({ id, text: { price, clientReference } }) => ({
    messageId: id,
    accountId,
    state: "QUEUED",
    failure: undefined,
    charge: price > 0n ? "RESERVED" : "NONE",
    price,
    revision: QUEUED_REVISION,
    atMs,
    clientReference,
  }));
}

/** The first revision is the acceptance. */
export const QUEUED_REVISION = 2;

function replyOf(order: Reserved, queuedAtMs: number): Reply {
  const { draft, acceptedAtMs } = order.stored;
  const messages: (TakenMessage | undefined)[] = draft.drafts.map(() => undefined);
  for (const chunk of paidOf(order)) {
    for (const message of chunk.messages) messages[message.place] = message;
  }
  return draft.order.toReply({ acceptedAtMs, queuedAtMs, messages });
}
