import { setTimeout as delay } from "node:timers/promises";
import { MessageState, MessageStateSchema } from "#gen/mizan/sms/v1/message_pb.ts";
import { type Actor, balanceOf } from "./stage.ts";

/** The ways of some messages: the states that each went through, by its id. */
export type Ways = ReadonlyMap<string, readonly MessageState[]>;

/**
 * Sends something and follows the messages that came of it, by their ids, until all have ended and
 * nothing of their price is reserved any more.
 */
export async function followed(
  actor: Actor,
  send: () => Promise<readonly string[]>,
): Promise<Ways> {
  using stop = new DisposableStack();
  const leaving = stop.adopt(new AbortController(), (controller) => controller.abort());
  const signal = AbortSignal.any([leaving.signal, AbortSignal.timeout(WAIT_MS)]);
  const stream = actor.calls.messages.watchMessages({}, { signal })[Symbol.asyncIterator]();
  await stream.next(); // says that it has begun, so that nothing is missed
  const ways = new Map((await send()).map((id) => [id, [] as MessageState[]]));
  while (![...ways.values()].every((way) => ends.has(way.at(-1)))) {
    const { done, value } = await stream.next();
    if (done === true) throw new Error(`${actor.name}'s stream of changes has ended too early.`);
    for (const { messageId, state } of value.changes) ways.get(messageId)?.push(state);
  }
  await settled(actor);
  return ways;
}

/** Writes a way for people, such as "QUEUED, SENDING, SENT, DELIVERED". */
export function wayOf(states: readonly MessageState[] | undefined): string {
  return (states ?? []).map((state) => MessageStateSchema.value[state]?.localName).join(", ");
}

/** Waits until the ledger has heard what the messages have decided. */
async function settled(actor: Actor): Promise<void> {
  const endMs = performance.now() + WAIT_MS;
  while (Number((await balanceOf(actor)).held?.amount) > 0) {
    if (performance.now() > endMs) throw new Error(`A price of ${actor.name} stays reserved.`);
    await delay(50);
  }
}

const { DELIVERED, UNDELIVERED, FAILED, CANCELLED, EXPIRED, REJECTED } = MessageState;
const ends: ReadonlySet<MessageState | undefined> = new Set([
  DELIVERED,
  UNDELIVERED,
  FAILED,
  CANCELLED,
  EXPIRED,
  REJECTED,
]);

/** How long a message may be under way before the demo gives up. */
const WAIT_MS = 30_000;
