import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ContextValues } from "@connectrpc/connect";
import { type Kysely, sql, type Transaction } from "kysely";
import { timeLeftMs } from "../deadline.ts";
import { isDecision, retryLater } from "../errors.ts";
import { callKey, type IdempotentCall } from "../idempotent-call.ts";
import { IN_PROGRESS_RETRY_MS } from "../limits.ts";
import { fail } from "../reasons.ts";
import type { Database } from "./connect.ts";
import { decodeReply, encodeRefusal, encodeReply, type Reply } from "./reply.ts";
import { transaction } from "./transaction.ts";

/**
 * Does what a call asks for once, and answers it the same way whenever it comes again (L6). The key
 * is written first, in the transaction of the effect (IDEM-8). A refusal undoes the effect and is
 * kept as the answer; after any other error the key is open, and the call may come again (IDEM-7).
 * Throws IDEMPOTENCY_KEY_REUSED for another request, IDEMPOTENCY_IN_PROGRESS while the first runs.
 */
export async function once<T, S extends DescMessage>(
  db: Database<T>,
  values: ContextValues,
  schema: S,
  effect: (tx: Transaction<T>) => Promise<MessageInitShape<S>>,
): Promise<MessageShape<S>> {
  const call = values.get(callKey);
  if (call === undefined) throw fail("REQUEST_ID_REQUIRED");
  const work = async (tx: Transaction<T>) => {
    call.replayed = false;
    if (!(await begin(tx, call))) return recall(tx, call);
    const reply = await attempt(tx, schema, effect);
    await keep(tx, call, reply);
    return reply;
  };
  return decodeReply(schema, await transaction(db, work, { timeLeftMs: timeLeftMs(values) }));
}

/** Takes the key, unless somebody has it. */
async function begin<T>(tx: Transaction<T>, call: IdempotentCall): Promise<boolean> {
  const { principal, method, key, hash } = call;
  const name = `${principal}\n${method}\n${key}`;
  const { numAffectedRows } = await sql`
    insert into idempotency (principal, method, key, hash)
    select ${principal}, ${method}, ${key}, ${hash}
    where pg_try_advisory_xact_lock(hashtextextended(${name}, 0))
    on conflict do nothing`.execute(tx);
  return numAffectedRows === 1n;
}

/** The answer that another call has left under the key. */
async function recall<T>(tx: Transaction<T>, call: IdempotentCall): Promise<Reply> {
  const reply = await findReply(tx, call);
  if (reply !== undefined) return reply;
  throw inProgress(call);
}

/**
 * The answer that is kept under the key of a call, which is marked as replayed then; undefined when
 * nobody has the key. Throws IDEMPOTENCY_KEY_REUSED when it is that of another request, and
 * IDEMPOTENCY_IN_PROGRESS while it is without an answer (IDEM-6).
 */
export async function findReply<T>(
  db: Kysely<T>,
  call: IdempotentCall,
): Promise<Reply | undefined> {
  const { principal, method, key } = call;
  const { rows } = await sql<{ hash: Uint8Array } & (Reply | { code: null; reply: null })>`
    select hash, code, reply from idempotency
    where principal = ${principal} and method = ${method} and key = ${key}`.execute(db);
  const [found] = rows;
  if (found === undefined) return undefined;
  if (Buffer.compare(found.hash, call.hash) !== 0) throw fail("IDEMPOTENCY_KEY_REUSED", { key });
  if (found.reply === null) throw inProgress(call);
  call.replayed = true;
  return found;
}

function inProgress({ key }: IdempotentCall) {
  return retryLater(fail("IDEMPOTENCY_IN_PROGRESS", { key }), IN_PROGRESS_RETRY_MS);
}

/** Runs the effect; when it refuses, only the refusal is left of it. */
async function attempt<T, S extends DescMessage>(
  tx: Transaction<T>,
  schema: S,
  effect: (tx: Transaction<T>) => Promise<MessageInitShape<S>>,
): Promise<Reply> {
  await sql`savepoint effect`.execute(tx);
  try {
    return encodeReply(schema, await effect(tx));
  } catch (error) {
    if (!isDecision(error)) throw error;
    await sql`rollback to savepoint effect`.execute(tx);
    return encodeRefusal(error);
  }
}

async function keep<T>(tx: Transaction<T>, call: IdempotentCall, { code, reply }: Reply) {
  const { principal, method, key } = call;
  await sql`
    update idempotency set code = ${code}, reply = ${reply}
    where principal = ${principal} and method = ${method} and key = ${key}`.execute(tx);
}
