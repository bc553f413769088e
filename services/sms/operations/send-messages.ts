import { ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import {
  type SendMessagesResponse,
  SendMessagesResponseSchema,
} from "#gen/mizan/sms/v1/message_service_pb.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Accept } from "../accept/accept.ts";
import type { Taken } from "../accept/order.ts";
import type { Call, Sms } from "../context.ts";
import { type Segments, segment } from "../domain/segment.ts";
import { fail } from "../errors.ts";
import type { TextToSend } from "./prepare-text.ts";
import { judge, type Judged, unpaid } from "./send-message.ts";
import { takeOrder } from "./take-order.ts";

/** Texts to send together. */
export type Batch = {
  readonly texts: readonly TextToSend[];
  /** Whether a receiver may get several of them; else the later ones come back (NUM-7). */
  readonly allowDuplicates: boolean;
};

/**
 * Sends texts once a key (BULK-1). The good ones go, each as its turn comes and as long as the
 * money covers it (MON-3); the others come back with the errors of `sendMessage`, and with
 * DUPLICATE_RECEIVER. Throws what `Accept` throws.
 */
export async function sendMessages(
  sms: Sms,
  accept: Accept,
  { texts: given, allowDuplicates }: Batch,
  call: Call,
): Promise<SendMessagesResponse> {
  const card = sms.rates();
  const policy = { terms: sms.terms, card, divide: remembering() };
  const judged = given.map((text) => judge(text, policy));
  const all = allowDuplicates ? judged : withoutDuplicates(judged);
  const texts = all.flatMap((text) => (text instanceof ConnectError ? [] : [text]));
  const toResponse = (taken: Taken) => toAnswer(sms, all, taken);
  const schema = SendMessagesResponseSchema;
  return takeOrder(sms, accept, { texts, card, schema, toResponse }, call);
}

/** Divides each text once: most texts of a batch are the same. */
function remembering(): (content: string) => Segments {
  const known = new Map<string, Segments>();
  return (content) => {
    const found = known.get(content);
    if (found !== undefined) return found;
    const segments = segment(content);
    known.set(content, segments);
    return segments;
  };
}

/** A receiver gets the first good text (NUM-7). */
function withoutDuplicates(judged: readonly Judged[]): Judged[] {
  const firsts = new Map<string, number>();
  return judged.map((text, index) => {
    if (text instanceof ConnectError) return text;
    const first = firsts.get(text.receiver);
    if (first !== undefined) return fail("DUPLICATE_RECEIVER", { first_index: first });
    firsts.set(text.receiver, index);
    return text;
  });
}

function toAnswer(sms: Sms, all: readonly Judged[], taken: Taken) {
  const { asset, scale } = sms.currency;
  const messages = taken.messages.values();
  let accepted = 0;
  let sum = 0n;
  const results = all.map((text, index) => {
    if (text instanceof ConnectError) return { index, error: infoOf(text) };
    const message = messages.next().value;
    if (message === undefined) return { index, error: infoOf(unpaid(sms, text)) };
    accepted += 1;
    sum += text.price;
    const price = { asset, amount: fromMinor(text.price, scale) };
    return { index, messageId: message.id, segments: text.segments, price };
  });
  return { results, accepted, price: { asset, amount: fromMinor(sum, scale) } };
}

function infoOf(error: ConnectError) {
  return error.findDetails(ErrorInfoSchema)[0]!;
}
