import { setTimeout as delay } from "node:timers/promises";
import type { Balance } from "#gen/mizan/billing/v1/wallet_pb.ts";
import { ChargeState, MessageState, MessageStateSchema } from "#gen/mizan/sms/v1/message_pb.ts";
import { minor, textOf } from "./amounts.ts";
import { type Actor, balanceOf } from "./stage.ts";

/** The ways of some messages: the states that each went through, by its id. */
export type Ways = ReadonlyMap<string, readonly MessageState[]>;

/**
 * Sends something and follows the messages that came of it, by their ids, until all have ended and
 * the ledger has heard of it.
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
  const before = await balanceOf(actor);
  const ways = new Map((await send()).map((id) => [id, [] as MessageState[]]));
  while (![...ways.values()].every((way) => ends.has(way.at(-1)))) {
    const { done, value } = await stream.next();
    if (done === true) throw new Error(`${actor.name}'s stream of changes has ended too early.`);
    for (const { messageId, state } of value.changes) ways.get(messageId)?.push(state);
  }
  await settled(actor, before, await priceOf(actor, [...ways.keys()]));
  return ways;
}

/** Writes a way for people, such as "QUEUED, SENDING, SENT, DELIVERED". */
export function wayOf(states: readonly MessageState[] | undefined): string {
  return (states ?? []).map((state) => MessageStateSchema.value[state]?.localName).join(", ");
}

/** What messages have cost in the end, in minor units: nothing for those that were given back. */
async function priceOf({ calls }: Actor, ids: readonly string[]): Promise<bigint> {
  const found = ids.map(async (messageId) => calls.messages.getMessage({ messageId }));
  const messages = (await Promise.all(found)).flatMap(({ message }) => message ?? []);
  const paid = messages.filter(({ chargeState }) => chargeState === ChargeState.CAPTURED);
  return paid.reduce((sum, { price }) => sum + minor(price), 0n);
}

/** Waits until nothing is reserved, and what is left is what was there, less a price. */
async function settled(actor: Actor, before: Balance, price: bigint): Promise<void> {
  const endMs = performance.now() + WAIT_MS;
  for (;;) {
    const { held, total } = await balanceOf(actor);
    if (minor(held) === 0n && minor(total) === minor(before.total) - price) return;
    if (performance.now() > endMs) {
      throw new Error(`${actor.name} has ${textOf(total)}, which does not fit the messages.`);
    }
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
