import { freeKeys } from "#mesh/database/idempotency-group.ts";
import { transaction } from "#mesh/database/transaction.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { MAX_ABANDONED_AT_ONCE } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { type Change, messagesChanged } from "../events.ts";
import { addLedgerSteps, type LedgerStep } from "../store/ledger-steps.ts";
import {
  type AbandonedMessage,
  type AbandonedRequest,
  rejectAbandoned,
  takeAbandoned,
} from "../store/request-keys.ts";
import { hasDue } from "../store/tasks.ts";

/**
 * Gives up requests whose acceptance has not ended in time, such as for a crash (MON-4): their
 * messages end as REJECTED, what may be reserved for them is released, and their keys are free.
 * Tells whether there may be more.
 */
export async function abandonRequests({
  db,
  currency,
  log,
  metrics,
}: Pick<Sms, "db" | "currency" | "log" | "metrics">): Promise<Looked> {
  if (!(await hasDue(db, { stage: "ACCEPTED" }))) return undefined;
  const requests = await transaction(db, async (tx) => {
    const taken = await takeAbandoned(tx, MAX_ABANDONED_AT_ONCE);
    if (taken.length === 0) return taken;
    const messageIds = taken.flatMap(({ chunks }) => chunks.flatMap((chunk) => chunk.messageIds));
    const messages = await rejectAbandoned(tx, messageIds);
    await addLedgerSteps(tx, taken.flatMap(releasesOf));
    await freeKeys(
      tx,
      taken.map(({ call }) => call),
    );
    await messagesChanged(tx, messages.map(toChange), currency);
    return taken;
  });
  if (requests.length === 0) return undefined;
  const abandoned = metrics.counter(
    "mizan_sms_abandoned_total",
    "Requests that were given up before their answer.",
  );
  abandoned.add({}, requests.length);
  log.warn({ requests: requests.length }, "requests were given up before their answer");
  return true;
}

/**
 * Of several messages each may have a hold of its own too, if the sum was not covered (MON-3). The
 * ledger need not know the holds.
 */
function releasesOf({ chunks }: AbandonedRequest): LedgerStep[] {
  const messageIds = chunks.flatMap((chunk) => chunk.messageIds);
  const ids = [...chunks.map(({ id }) => id), ...(messageIds.length > 1 ? messageIds : [])];
  return ids.map((holdId) => ({ kind: "RELEASE", holdId }));
}

function toChange(message: AbandonedMessage): Change {
  const { id, accountId, price, revision, clientReference, endedAt } = message;
  return {
    messageId: id,
    accountId,
    state: "REJECTED",
    failure: "ABANDONED",
    charge: "NONE",
    price: BigInt(price),
    revision,
    atMs: endedAt.getTime(),
    clientReference,
  };
}
