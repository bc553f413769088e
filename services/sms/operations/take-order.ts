import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { personOf } from "#mesh/access.ts";
import { decodeReply, encodeRefusal, encodeReply } from "#mesh/database/reply.ts";
import { deadlineKey } from "#mesh/deadline.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { fail } from "#mesh/reasons.ts";
import type { Accept } from "../accept/accept.ts";
import type { Taken } from "../accept/order.ts";
import type { Call, Sms } from "../context.ts";
import type { RateCard } from "../domain/rate-card.ts";
import type { PreparedText } from "../domain/prepared-text.ts";

/** Good texts of one request, and what is answered once it is known which of them are paid. */
export type Request<S extends DescMessage> = {
  readonly texts: readonly PreparedText[];
  readonly card: RateCard;
  readonly schema: S;
  /** The response, or a refusal of the whole, which is kept under the key as well (IDEM-7). */
  readonly toResponse: (taken: Taken) => MessageInitShape<S> | ConnectError;
};

/**
 * Takes the texts of a request once a key, and answers it the same way whenever it comes again
 * (IDEM-2). Throws what `Accept` throws, and the refusal.
 */
export async function takeOrder<S extends DescMessage>(
  { terms }: Pick<Sms, "terms">,
  accept: Accept,
  { texts, card, schema, toResponse }: Request<S>,
  { values, signal }: Call,
): Promise<MessageShape<S>> {
  const call = values.get(callKey);
  if (call === undefined) throw fail("REQUEST_ID_REQUIRED");
  let fresh: MessageShape<S> | undefined;
  const toReply = (taken: Taken) => {
    const response = toResponse(taken);
    if (response instanceof ConnectError) return encodeRefusal(response);
    fresh = create(schema, response);
    return encodeReply(schema, fresh);
  };
  const accountId = personOf(values).id;
  const endMs = values.get(deadlineKey) ?? Date.now() + terms.abandonMs;
  const order = { call, accountId, texts, rateCard: card.version, endMs, toReply };
  const { reply, isReplay } = await accept(order, signal);
  call.replayed = isReplay;
  return isReplay || fresh === undefined ? decodeReply(schema, reply) : fresh;
}
