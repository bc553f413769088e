import { done, refused } from "./actions.ts";
import type { Clients, Customer } from "./clients.ts";
import type { Action } from "./perform.ts";
import type { Random } from "./random.ts";
import { scriptedPrefixes, usualPrefix } from "./text-script.ts";

/** What customers of sms do, each with a number of its own. `run` is a part of every key. */
export function textActionsOf(clients: Clients, run: string, random: Random) {
  const receiverOf = (n: number, index: number): string => {
    const isScripted = random.below(100) < SCRIPTED_BELOW;
    const prefix = isScripted ? random.pick(scriptedPrefixes) : usualPrefix;
    return numberOf(prefix, n, index);
  };
  const textOf = (n: number, index: number) => ({
    receiver: receiverOf(n, index),
    content: random.pick(contents),
    isExpress: random.below(100) < EXPRESS_BELOW,
  });
  const sendText = (n: number, customer: Customer, text: ReturnType<typeof textOf>): Action => {
    const key = `text-${run}-${n}`;
    const request = { requestId: key, ...text, clientReference: key };
    const ask = async (signal: AbortSignal) => {
      const { messages } = await clients.customer(customer);
      const { message } = await messages.sendMessage(request, { signal });
      return done(`${message?.id} ${message?.price?.amount}`);
    };
    return { kind: "text", key, effect: `texts of ${key}`, ask };
  };
  return {
    /** One text; its answer has the id of the message, so that a retry can be compared. */
    send: (n: number, customer: Customer) => sendText(n, customer, textOf(n, 0)),

    /** A text that is to arrive soon, whatever the script says of others. */
    probe: (n: number, customer: Customer) => {
      const text = {
        receiver: numberOf(usualPrefix, n, 0),
        content: contents[0]!,
        isExpress: true,
      };
      return sendText(n, customer, text);
    },

    /** Many texts under one key; those that the money does not reach come back. */
    sendBatch: (n: number, customer: Customer, count: number): Action => {
      const key = `batch-${run}-${n}`;
      const texts = Array.from({ length: count }, (_, index) => textOf(n, index));
      const request = { requestId: key, defaults: { clientReference: key }, messages: texts };
      const ask = async (signal: AbortSignal) => {
        const { messages } = await clients.customer(customer);
        const { accepted, results } = await messages.sendMessages(request, { signal });
        const reply = results.map(({ messageId, error }) => error?.reason ?? messageId).join(" ");
        return accepted > 0 ? done(reply) : refused(reply);
      };
      return { kind: "batch", key, effect: `texts of ${key}`, ask };
    },
  };
}

/** A number of its own for each text of an action. */
function numberOf(prefix: string, n: number, index: number): string {
  return `+${prefix}${String((n * MAX_BATCH + index) % 10 ** 7).padStart(7, "0")}`;
}

/** The ids of the messages in a reply to one of these actions. */
export function idsOf(reply: string): readonly string[] {
  return reply.match(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g) ?? [];
}

/** The most texts of a batch. */
export const MAX_BATCH = 150;

/** Of a hundred texts: so many go to numbers of the script, and so many by the express lane. */
const SCRIPTED_BELOW = 6;
const EXPRESS_BELOW = 30;

const contents = [
  "Your parcel arrives today.",
  "سلام، کد ورود شما ۴۸۲۱ است.",
  "A longer text that does not fit into one part, because it goes on and on. ".repeat(3),
  "پیامی بلند که در یک بخش جا نمی‌شود. ".repeat(3),
];
