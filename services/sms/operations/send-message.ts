import {
  type SendMessageResponse,
  SendMessageResponseSchema,
} from "#gen/mizan/sms/v1/message_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Accept } from "../accept/accept.ts";
import type { Taken } from "../accept/order.ts";
import type { Call, Sms } from "../context.ts";
import { fail } from "../errors.ts";
import { queuedMessage } from "./queued-message.ts";
import type { PreparedText } from "../domain/prepared-text.ts";
import { prepareText, type TextToSend } from "./prepare-text.ts";
import { takeOrder } from "./take-order.ts";

/**
 * Sends a text once a key: answers when its price is reserved and it is in its lane. Throws what
 * `prepareText` throws, of which nothing is kept; INSUFFICIENT_FUNDS, which is kept under the key;
 * and what `Accept` throws.
 */
export async function sendMessage(
  sms: Sms,
  accept: Accept,
  request: TextToSend,
  call: Call,
): Promise<SendMessageResponse> {
  const card = sms.rates();
  const text = prepareText(request, { terms: sms.terms, card });
  const accountId = personOf(call.values).id;
  const toResponse = (taken: Taken) => {
    const message = queuedMessage(sms, { text, accountId, taken, place: 0 });
    return message === undefined ? unpaid(sms, text) : { message };
  };
  const schema = SendMessageResponseSchema;
  return takeOrder(sms, accept, { texts: [text], card, schema, toResponse }, call);
}

/** Says that the price of a text is more than its account has. */
export function unpaid({ currency }: Pick<Sms, "currency">, { price }: PreparedText) {
  const shown = `${fromMinor(price, currency.scale)} ${currency.asset}`;
  return fail("INSUFFICIENT_FUNDS", { price: shown });
}
