import type { Taken } from "../accept/order.ts";
import { QUEUED_REVISION } from "../accept/queue-orders.ts";
import type { Sms } from "../context.ts";
import { toMessage } from "./messages.ts";
import type { PreparedText } from "../domain/prepared-text.ts";

/** A text of an order, and what was taken of that. */
export type QueuedText = {
  readonly text: PreparedText;
  readonly accountId: string;
  readonly taken: Taken;
  readonly place: number;
};

/** A message as it is right after it was queued; undefined when it is not paid. */
export function queuedMessage(
  { currency }: Pick<Sms, "currency">,
  { text, accountId, taken, place }: QueuedText,
) {
  const message = taken.messages[place];
  if (message === undefined) return undefined;
  const { content, validityMs, promiseMs, price, ...rest } = text;
  const acceptedAtMs = taken.acceptedAtMs;
  const queuedAt = new Date(taken.queuedAtMs);
  const { id, chunkId, textNumber } = message;
  const stored = {
    ...rest,
    id,
    chunkId,
    textNumber,
    accountId,
    receiver: text.receiver.slice(1),
    price: Number(price),
    state: "QUEUED" as const,
    failure: null,
    charge: price > 0n ? ("RESERVED" as const) : ("NONE" as const),
    provider: null,
    providerId: null,
    attempts: 0,
    sentAt: null,
    endedAt: null,
    promisedAt: promiseMs === undefined ? null : new Date(acceptedAtMs + promiseMs),
    expiresAt: new Date(acceptedAtMs + validityMs),
    queuedAt,
    updatedAt: queuedAt,
    revision: QUEUED_REVISION,
  };
  return toMessage({ message: stored, content }, currency);
}
