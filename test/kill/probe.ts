import { setTimeout as delay } from "node:timers/promises";
import { MessageState } from "#gen/mizan/sms/v1/message_pb.ts";
import type { Actions } from "./actions.ts";
import type { Clients, Customer } from "./clients.ts";
import { type Journal, perform } from "./perform.ts";
import type { textActionsOf } from "./text-actions.ts";

/** What the probe does: somebody joins, and a customer with money sends a text. */
export type ProbeOptions = {
  readonly actions: Actions;
  readonly textActions: ReturnType<typeof textActionsOf>;
  readonly customer: Customer;
};

/**
 * Makes what needs every process: a person joins and a text is delivered. It rejects when the text
 * is not delivered in time.
 */
export function probing(
  clients: Clients,
  journal: Journal,
  { actions, textActions, customer }: ProbeOptions,
): () => Promise<void> {
  let probes = 0;
  return async () => {
    const n = FIRST - ++probes;
    await perform(actions.register(n), journal);
    const answer = await perform(textActions.probe(n, customer), journal);
    if (answer?.done === true) await delivered(clients, customer, answer.reply.split(" ")[0]!);
  };
}

async function delivered(clients: Clients, customer: Customer, messageId: string): Promise<void> {
  const endMs = performance.now() + GIVE_UP_MS;
  const stateOf = async () => {
    const { messages } = await clients.customer(customer);
    return (await messages.getMessage({ messageId })).message?.state;
  };
  while ((await stateOf().catch(String)) !== MessageState.DELIVERED) {
    if (performance.now() > endMs) throw new Error(`Text ${messageId} is not delivered.`);
    await delay(20);
  }
}

/** Numbers that no other action has. */
const FIRST = 1_000_000;

const GIVE_UP_MS = 60_000;
