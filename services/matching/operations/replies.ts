import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { coalesce } from "#mesh/coalesce.ts";
import { decodeReply, encodeRefusal, encodeReply, type Reply } from "#mesh/database/reply.ts";
import { isDecision } from "#mesh/errors.ts";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { MAX_KEPT_REPLIES, MAX_WAITING_REPLIES } from "#mesh/limits.ts";
import { fail } from "#mesh/reasons.ts";
import type { Matching } from "../context.ts";
import { findReplies, keepReplies, type KeptReply } from "../store/replies.ts";

/**
 * Has a call its effect once, and answers it the same way whenever it comes again (L6). Unlike the
 * effects of a transaction those of the books are journaled first, and the answer is kept then.
 * Throws IDEMPOTENCY_KEY_REUSED for another request.
 */
type OnceReplied = <S extends DescMessage>(
  call: IdempotentCall | undefined,
  schema: S,
  effect: () => Promise<MessageInitShape<S>>,
) => Promise<MessageShape<S>>;

/** What calls were answered. */
export type Replies = {
  readonly once: OnceReplied;
  /** The reply of a call that came before. Throws IDEMPOTENCY_KEY_REUSED for another request. */
  readonly find: (call: IdempotentCall) => Promise<Reply | undefined>;
  /** Keeps the reply of a call. */
  readonly keep: (call: IdempotentCall, reply: Reply) => Promise<void>;
};

/** Makes what looks replies up, and keeps them, those of many calls in one statement. */
export function createReplies({ db }: Pick<Matching, "db">): Replies {
  const bounds = { maxItems: MAX_KEPT_REPLIES, maxWaiting: MAX_WAITING_REPLIES, maxRunning: 2 };
  const { add: find } = coalesce<IdempotentCall, KeptReply | undefined>({
    ...bounds,
    flush: async (calls) => {
      const found = await findReplies(db.sql, calls);
      return calls.map((_, place) => found.get(place));
    },
  });
  const { add: keep } = coalesce<IdempotentCall & { readonly reply: Reply }, undefined>({
    ...bounds,
    flush: async (calls) => {
      await keepReplies(db.sql, calls);
      return calls.map(() => undefined);
    },
  });
  const running = new Map<string, { readonly hash: Uint8Array; readonly reply: Promise<Reply> }>();
  const findOf = async (call: IdempotentCall) => {
    const kept = await find(call);
    return kept && known(call, kept.hash, kept.reply);
  };
  const answer = async <S extends DescMessage>(
    call: IdempotentCall,
    schema: S,
    effect: () => Promise<MessageInitShape<S>>,
  ) => {
    const kept = await findOf(call);
    if (kept !== undefined) return kept;
    const reply = await attempt(schema, effect);
    await keep({ ...call, reply });
    return reply;
  };
  const once: OnceReplied = async (call, schema, effect) => {
    if (call === undefined) throw fail("REQUEST_ID_REQUIRED");
    const name = `${call.principal}\n${call.method}\n${call.key}`;
    const other = running.get(name);
    if (other !== undefined) {
      return decodeReply(schema, known(call, other.hash, await other.reply));
    }
    const reply = answer(call, schema, effect);
    running.set(name, { hash: call.hash, reply });
    try {
      return decodeReply(schema, await reply);
    } finally {
      running.delete(name);
    }
  };
  return { once, find: findOf, keep: async (call, reply) => keep({ ...call, reply }) };
}

/** The reply of an earlier call under the same key. */
function known(call: IdempotentCall, hash: Uint8Array, reply: Reply): Reply {
  if (Buffer.compare(hash, call.hash) !== 0)
    throw fail("IDEMPOTENCY_KEY_REUSED", { key: call.key });
  call.replayed = true;
  return reply;
}

/** The reply of an effect: its answer, or what it was refused with for good (IDEM-7). */
async function attempt<S extends DescMessage>(
  schema: S,
  effect: () => Promise<MessageInitShape<S>>,
): Promise<Reply> {
  try {
    return encodeReply(schema, await effect());
  } catch (error) {
    if (!isDecision(error)) throw error;
    return encodeRefusal(error);
  }
}
