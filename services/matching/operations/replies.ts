import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { coalesce } from "#mesh/coalesce.ts";
import {
  decodeRefusal,
  decodeReply,
  encodeRefusal,
  encodeReply,
  type Reply,
} from "#mesh/database/reply.ts";
import { isDecision } from "#mesh/errors.ts";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { MAX_KEPT_REPLIES, MAX_WAITING_REPLIES } from "#mesh/limits.ts";
import { fail } from "#mesh/reasons.ts";
import { derivedId } from "#mesh/ids.ts";
import type { Matching } from "../context.ts";
import type { Hashed } from "./find-placed.ts";
import type { Who } from "./placed.ts";
import { type ChangedRequest, findChanged } from "../store/changed-requests.ts";
import { findReplies, keepReplies, type KeptReply } from "../store/replies.ts";
import type { Requested } from "../writer/submission.ts";

/**
 * Has a call its effect once, and answers it the same way whenever it comes again (L6). Unlike the
 * effects of a transaction those of the books are journaled first, and the answer is kept then; when
 * it is lost between the two, `again` answers from what the journaled request has changed. Throws
 * IDEMPOTENCY_KEY_REUSED for another request.
 */
type OnceReplied = <S extends DescMessage>(
  call: IdempotentCall | undefined,
  schema: S,
  effect: (request: Requested) => Promise<MessageInitShape<S>>,
  again?: (changed: ChangedRequest) => Promise<MessageInitShape<S>>,
) => Promise<MessageShape<S>>;

/** What calls were answered. */
export type Replies = {
  readonly once: OnceReplied;
  /**
   * What a journaled request has changed; undefined when there is none. None of the same call may be
   * under way. Throws IDEMPOTENCY_KEY_REUSED for another request.
   */
  readonly changed: (call: IdempotentCall) => Promise<ChangedRequest | undefined>;
  /**
   * What an order was refused with for good under its key, or IDEMPOTENCY_KEY_REUSED where that was
   * another order; undefined when it was not.
   */
  readonly refusal: (asked: AskedOrder) => Promise<ConnectError | undefined>;
  /** Keeps what an order is refused with for good; the first refusal under its key stays. */
  readonly keepRefusal: (asked: AskedOrder, refusal: ConnectError) => Promise<ConnectError>;
};

/** An order that somebody asks for, with the name of the request and the hash of the order. */
type AskedOrder = Pick<Hashed, "id" | "key" | "hash"> & Pick<Who, "accountId">;

/** The request of a call, as it is journaled. */
export function requestOf({ principal, method, key, hash }: IdempotentCall): Requested {
  const id = derivedId(`request/${principal}/${method}/${key}`);
  return { id, hash: Buffer.from(hash).toString("hex").slice(0, 32) };
}

/** Makes what looks replies up, and keeps them, those of many calls in one statement. */
export function createReplies({ db, writer }: Pick<Matching, "db" | "writer">): Replies {
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
  const { add: findRequest } = coalesce<string, ChangedRequest | undefined>({
    ...bounds,
    flush: async (ids) => {
      await writer.flushed();
      const found = await findChanged(db.sql, ids);
      return ids.map((id) => found.get(id));
    },
  });
  const running = new Map<string, { readonly hash: Uint8Array; readonly reply: Promise<Reply> }>();
  const findOf = async (call: IdempotentCall) => {
    const kept = await find(call);
    return kept && known(call, kept.hash, kept.reply);
  };
  const changed = async (call: IdempotentCall) => {
    const { id, hash } = requestOf(call);
    const found = await findRequest(id);
    if (found === undefined) return undefined;
    if (found.hash !== hash) throw fail("IDEMPOTENCY_KEY_REUSED", { key: call.key });
    call.replayed = true;
    return found;
  };
  const answer = async <S extends DescMessage>(
    call: IdempotentCall,
    schema: S,
    effect: (request: Requested) => Promise<MessageInitShape<S>>,
    again?: (changed: ChangedRequest) => Promise<MessageInitShape<S>>,
  ) => {
    const kept = await findOf(call);
    if (kept !== undefined) return kept;
    const before = again && (await changed(call));
    const reply = await attempt(schema, async () =>
      before === undefined ? effect(requestOf(call)) : again!(before),
    );
    await keep({ ...call, reply });
    return reply;
  };
  const once: OnceReplied = async (call, schema, effect, again) => {
    if (call === undefined) throw fail("REQUEST_ID_REQUIRED");
    const name = `${call.principal}\n${call.method}\n${call.key}`;
    const other = running.get(name);
    if (other !== undefined) {
      return decodeReply(schema, known(call, other.hash, await other.reply));
    }
    const reply = answer(call, schema, effect, again);
    running.set(name, { hash: call.hash, reply });
    try {
      return decodeReply(schema, await reply);
    } finally {
      running.delete(name);
    }
  };
  return { once, changed, ...refusalsOf(find, keep) };
}

type Find = (call: IdempotentCall) => Promise<KeptReply | undefined>;
type Keep = (call: IdempotentCall & { readonly reply: Reply }) => Promise<undefined>;

function refusalsOf(find: Find, keep: Keep): Pick<Replies, "refusal" | "keepRefusal"> {
  const refusal = async (asked: AskedOrder) => {
    const call = callOf(asked);
    const kept = await find(call);
    if (kept === undefined) return undefined;
    const isSame = Buffer.compare(kept.hash, call.hash) === 0;
    return isSame ? decodeRefusal(kept.reply) : fail("IDEMPOTENCY_KEY_REUSED", { key: asked.key });
  };
  const keepRefusal = async (asked: AskedOrder, error: ConnectError) => {
    const first = await refusal(asked);
    if (first === undefined) await keep({ ...callOf(asked), reply: encodeRefusal(error) });
    return first ?? error;
  };
  return { refusal, keepRefusal };
}

/** The refusal of an order is kept under the id of the order, which its key leads to. */
function callOf({ accountId: principal, id: key, hash }: AskedOrder): IdempotentCall {
  return { principal, method: REFUSED, key, hash: Buffer.from(hash, "hex"), replayed: false };
}

const REFUSED = "mizan.matching.v1.OrderService/refused";

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
