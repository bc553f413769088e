import { transaction } from "#mesh/database/transaction.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { MAX_POLL_PAUSE_MS, POLL_CLAIM_MS, POLLED } from "#mesh/limits.ts";
import type { Following } from "../context.ts";
import type { ProviderReceipt, SmsProvider } from "../providers/provider.ts";
import * as store from "../store/sent-tasks.ts";
import type { Tx } from "../store/tables.ts";
import { hasDue } from "../store/tasks.ts";
import { type Advance, advanceMessages } from "./advance-messages.ts";

/**
 * Asks the provider about messages that no receipt has come for, with growing pauses; those that
 * waited too long have failed, once (DLR-7). The provider is called outside of any transaction.
 * Tells whether there may be more.
 */
export async function pollReceipts(sms: Following, signal: AbortSignal): Promise<Looked> {
  if (!(await hasDue(sms.db, { stage: "SENT" }))) return undefined;
  const { tasks, mayBeMore } = await transaction(sms.db, claim);
  if (tasks.length === 0) return mayBeMore;
  const told = await ask(sms.provider, tasks, signal);
  signal.throwIfAborted();
  const silent = await transaction(sms.db, async (tx) => apply(sms, tx, { tasks, told }));
  const polled = sms.metrics.counter("mizan_sms_polled_total", "Messages that were asked about.");
  polled.add({ outcome: "told" }, told.size);
  const given = sms.metrics.counter("mizan_sms_no_receipt_total", "Messages without a receipt.");
  given.add({}, silent);
  return mayBeMore;
}

/** Takes tasks up to a number of messages, and removes those that nothing is to be done about. */
async function claim(tx: Tx): Promise<{ tasks: store.SentTask[]; mayBeMore: boolean }> {
  const due = await store.lockDueSentTasks(tx, POLLED.tasks);
  const over = due.filter(({ open }) => open.length === 0);
  await store.deleteSentTasks(
    tx,
    over.map(({ id }) => id),
  );
  const tasks: store.SentTask[] = [];
  let messages = 0;
  for (const task of due) {
    if (messages > 0 && messages + task.open.length > POLLED.messages) break;
    if (task.open.length > 0) tasks.push(task);
    messages += task.open.length;
  }
  await store.claimSentTasks(
    tx,
    tasks.map(({ id }) => id),
    POLL_CLAIM_MS,
  );
  const isFull = due.length === POLLED.tasks || tasks.length + over.length < due.length;
  return { tasks, mayBeMore: isFull };
}

/** What the provider says, by its ids; a few calls at a time. */
async function ask(
  provider: SmsProvider,
  tasks: readonly store.SentTask[],
  signal: AbortSignal,
): Promise<Map<string, ProviderReceipt["state"]>> {
  const told = new Map<string, ProviderReceipt["state"]>();
  const ids = tasks.flatMap(({ open }) =>
    open.filter((one) => one.provider === provider.name).map(({ providerId }) => providerId),
  );
  const size = provider.caps.maxPolled;
  const parts = Array.from({ length: Math.ceil(ids.length / size) }, (_, part) =>
    ids.slice(part * size, (part + 1) * size),
  ).values();
  const askNext = async () => {
    for (const part of parts) {
      const receipts = await provider.poll(part, signal);
      for (const { providerId, state } of receipts) told.set(providerId, state);
    }
  };
  await Promise.all(Array.from({ length: POLLED.callsAtOnce }, askNext));
  return told;
}

type Answer = {
  readonly tasks: readonly store.SentTask[];
  readonly told: ReadonlyMap<string, ProviderReceipt["state"]>;
};

/** Moves what was told or is too late, and plans the rest; tells how many are too late. */
async function apply(sms: Following, tx: Tx, { tasks, told }: Answer): Promise<number> {
  const advances = tasks.flatMap(({ chunkId, open }) =>
    open.flatMap(({ messageId, providerId, sentMs }): Advance[] => {
      const state = told.get(providerId) ?? "SENT";
      if (state !== "SENT") return [{ messageId, chunkId, input: { kind: "RECEIPT", state } }];
      const isTooLate = sentMs >= sms.terms.receiptMs;
      return isTooLate ? [{ messageId, chunkId, input: { kind: "NO_RECEIPT" } }] : [];
    }),
  );
  const moved = await advanceMessages(sms, tx, advances);
  const left = await store.findOpen(
    tx,
    tasks.flatMap(({ open }) => open.map(({ messageId }) => messageId)),
  );
  const planned = tasks.map((task) => {
    const waited = task.open.flatMap((one) => left.get(one.messageId)?.sentMs ?? []);
    return { id: task.id, pauseMs: pauseOf(sms, task.asked, waited) };
  });
  const over = planned.filter(({ pauseMs }) => pauseMs === undefined);
  await store.deleteSentTasks(
    tx,
    over.map(({ id }) => id),
  );
  await store.postponeSentTasks(
    tx,
    planned.flatMap(({ id, pauseMs }) => (pauseMs === undefined ? [] : [{ id, pauseMs }])),
  );
  return moved.filter(({ failure }) => failure === "NO_RECEIPT").length;
}

/** When to look again: later each time, at the deadline at last; undefined for never. */
function pauseOf(
  { terms }: Following,
  asked: number,
  waitedMs: readonly number[],
): number | undefined {
  if (waitedMs.length === 0) return undefined;
  const growing = Math.min(terms.firstPollMs * 2 ** Math.min(asked + 1, 30), MAX_POLL_PAUSE_MS);
  const leftMs = Math.max(0, terms.receiptMs - Math.max(...waitedMs));
  return Math.min(growing, leftMs);
}
