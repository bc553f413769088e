import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { decodeReply, encodeRefusal, encodeReply, type Reply } from "#mesh/database/reply.ts";
import { isDecision } from "#mesh/errors.ts";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { fail } from "#mesh/reasons.ts";
import type { KeptReply } from "../store/replies.ts";
import type { Turn, Work } from "./work.ts";

/**
 * Makes a decision that is answered the same way whenever the call comes again: the answer, or the
 * refusal, is stored under the call's key in the commit of its effect (L6, IDEM-5, IDEM-7). Throws
 * IDEMPOTENCY_KEY_REUSED for another request. Calls with the same key wait for the same commit, so
 * that none is told that the first is still running.
 */
export function once<S extends DescMessage>(
  schema: S,
  call: IdempotentCall,
  effect: (turn: Turn) => MessageInitShape<S>,
): Pick<Work<MessageShape<S>>, "keys" | "decide"> {
  const decide = (turn: Turn) => {
    const stored = turn.replies.find(call);
    call.replayed = stored !== undefined;
    return decodeReply(schema, stored === undefined ? attempt(turn) : recall(call, stored));
  };
  const attempt = (turn: Turn): Reply => {
    const reply = replyOf(schema, () => effect(turn));
    const { principal, method, key, hash } = call;
    turn.replies.keep({ principal, method, key, hash, ...reply });
    return reply;
  };
  return { keys: [call], decide };
}

function replyOf<S extends DescMessage>(schema: S, effect: () => MessageInitShape<S>): Reply {
  try {
    return encodeReply(schema, effect());
  } catch (error) {
    if (isDecision(error)) return encodeRefusal(error);
    throw error; // undecided: the key stays open
  }
}

function recall({ key, hash }: IdempotentCall, stored: KeptReply): Reply {
  const isSame = Buffer.compare(hash, stored.hash) === 0;
  if (!isSame) throw fail("IDEMPOTENCY_KEY_REUSED", { key });
  return stored;
}
