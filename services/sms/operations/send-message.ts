import { ConnectError } from "@connectrpc/connect";
import {
  type SendMessageResponse,
  SendMessageResponseSchema,
} from "#gen/mizan/sms/v1/message_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { findReply } from "#mesh/database/idempotency.ts";
import { decodeReply } from "#mesh/database/reply.ts";
import { isDecision } from "#mesh/errors.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Accept } from "../accept/accept.ts";
import type { Taken } from "../accept/order.ts";
import type { Call, Sms } from "../context.ts";
import { fail } from "../errors.ts";
import { queuedMessage } from "./queued-message.ts";
import type { PreparedText } from "../domain/prepared-text.ts";
import type { RateCard } from "../domain/rate-card.ts";
import { type Policy, prepareText, type TextToSend } from "./prepare-text.ts";
import { takeOrder } from "./take-order.ts";

/**
 * Sends a text once a key: answers when its price is reserved and it is in its lane. Throws what
 * `prepareText` throws, of which nothing is kept, unless the key has an answer from when the text
 * was still good (IDEM-2); INSUFFICIENT_FUNDS, which is kept under the key; and what `Accept` throws.
 */
export async function sendMessage(
  sms: Sms,
  accept: Accept,
  request: TextToSend,
  call: Call,
): Promise<SendMessageResponse> {
  const card = sms.rates();
  const judged = judge(request, { terms: sms.terms, card });
  if (judged instanceof ConnectError) return earlierAnswer(sms, judged, call);
  return take(sms, accept, { text: judged, card }, call);
}

/** The answer that the key has; else the refusal is thrown. */
async function earlierAnswer(
  { db }: Pick<Sms, "db">,
  refusal: ConnectError,
  { values }: Call,
): Promise<SendMessageResponse> {
  const call = values.get(callKey);
  const reply = call && (await findReply(db.sql, call));
  if (reply === undefined) throw refusal;
  return decodeReply(SendMessageResponseSchema, reply);
}

async function take(
  sms: Sms,
  accept: Accept,
  { text, card }: { readonly text: PreparedText; readonly card: RateCard },
  call: Call,
): Promise<SendMessageResponse> {
  const accountId = personOf(call.values).id;
  const toResponse = (taken: Taken) => {
    const message = queuedMessage(sms, { text, accountId, taken, place: 0 });
    return message === undefined ? unpaid(sms, text) : { message };
  };
  const schema = SendMessageResponseSchema;
  return takeOrder(sms, accept, { texts: [text], card, schema, toResponse }, call);
}

/** A text that may be sent, or the refusal that it gets. */
export type Judged = PreparedText | ConnectError;

/** Judges a text as `prepareText` does, and returns what it refuses. */
export function judge(text: TextToSend, policy: Policy): Judged {
  try {
    return prepareText(text, policy);
  } catch (error) {
    if (isDecision(error)) return error;
    throw error;
  }
}

/** Says that the price of a text is more than its account has. */
export function unpaid({ currency }: Pick<Sms, "currency">, { price }: PreparedText) {
  const shown = `${fromMinor(price, currency.scale)} ${currency.asset}`;
  return fail("INSUFFICIENT_FUNDS", { price: shown });
}
