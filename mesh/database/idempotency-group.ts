import type { ConnectError } from "@connectrpc/connect";
import { sql, type Transaction } from "kysely";
import { retryLater } from "../errors.ts";
import type { IdempotentCall } from "../idempotent-call.ts";
import { IN_PROGRESS_RETRY_MS } from "../limits.ts";
import { fail } from "../reasons.ts";
import type { Reply } from "./reply.ts";

/** The name of a call that has its effect once. */
export type CallName = Pick<IdempotentCall, "principal" | "method" | "key">;

/** What a key says to a call: do it, or here is what was answered, or why it can't be. */
export type KeyVerdict =
  | { readonly kind: "TAKEN" }
  | { readonly kind: "REPLAY"; readonly reply: Reply }
  | { readonly kind: "REFUSED"; readonly error: ConnectError };

/**
 * Takes the keys of many calls in one transaction, before their effects (IDEM-8); one verdict each,
 * in order. Of two calls with one key the first has it. A refusal is IDEMPOTENCY_KEY_REUSED for
 * another request, and IDEMPOTENCY_IN_PROGRESS while the first is without an answer (IDEM-6).
 * The calls of a taken key are answered by `keepReplies`, or their keys freed by `freeKeys`.
 */
export async function takeKeys<T>(
  tx: Transaction<T>,
  calls: readonly IdempotentCall[],
): Promise<KeyVerdict[]> {
  const firsts = new Map<string, IdempotentCall>();
  for (const call of calls) {
    const name = nameOf(call);
    if (!firsts.has(name)) firsts.set(name, call);
  }
  const taken = await insertKeys(tx, firsts);
  const known = await findReplies(
    tx,
    [...firsts].flatMap(([name, call]) => (taken.has(name) ? [] : [call])),
  );
  return calls.map((call) => {
    const name = nameOf(call);
    const first = firsts.get(name)!;
    if (first === call && taken.has(name)) return { kind: "TAKEN" };
    return verdictOf(call, taken.has(name) ? { hash: first.hash, reply: null } : known.get(name));
  });
}

/** Keeps what calls were answered, in the transaction of their effects. */
export async function keepReplies<T>(
  tx: Transaction<T>,
  answers: readonly { readonly call: CallName; readonly reply: Reply }[],
): Promise<void> {
  if (answers.length === 0) return;
  await sql`
    update idempotency set code = answer.code, reply = answer.reply
    from unnest(${namesOf(answers.map(({ call }) => call))},
      ${answers.map(({ reply: { code } }) => code)}::smallint[],
      ${answers.map(({ reply: { reply } }) => Buffer.from(reply))}::bytea[])
      as answer (principal, method, key, code, reply)
    where (idempotency.principal, idempotency.method, idempotency.key)
      = (answer.principal, answer.method, answer.key)`.execute(tx);
}

/** Forgets keys that have no answer, so that the calls may come again (IDEM-7). */
export async function freeKeys<T>(tx: Transaction<T>, calls: readonly CallName[]): Promise<void> {
  if (calls.length === 0) return;
  await sql`
    delete from idempotency using unnest(${namesOf(calls)}) as free (principal, method, key)
    where (idempotency.principal, idempotency.method, idempotency.key)
      = (free.principal, free.method, free.key) and reply is null`.execute(tx);
}

/** In the order of their names, so that transactions that meet in some keys don't lock each other. */
async function insertKeys<T>(
  tx: Transaction<T>,
  calls: ReadonlyMap<string, IdempotentCall>,
): Promise<ReadonlySet<string>> {
  const sorted = [...calls].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const ordered = sorted.map(([, call]) => call);
  const { rows } = await sql<CallName>`
    insert into idempotency (principal, method, key, hash)
    select * from unnest(${namesOf(ordered)}, ${ordered.map(({ hash }) => hash)}::bytea[])
    on conflict do nothing returning principal, method, key`.execute(tx);
  return new Set(rows.map(nameOf));
}

type Known = { readonly hash: Uint8Array; readonly reply: Uint8Array | null };
type Row = CallName & Known & Pick<Reply, "code">;

async function findReplies<T>(
  tx: Transaction<T>,
  calls: readonly IdempotentCall[],
): Promise<ReadonlyMap<string, Row>> {
  if (calls.length === 0) return new Map();
  const { rows } = await sql<Row>`
    select principal, method, key, hash, code, reply
    from idempotency join unnest(${namesOf(calls)}) as asked (principal, method, key)
      using (principal, method, key)`.execute(tx);
  return new Map(rows.map((row) => [nameOf(row), row]));
}

/** A key that was freed a moment ago is like one that is taken: the caller may come again. */
function verdictOf(
  { key, hash }: IdempotentCall,
  known: (Known & Partial<Row>) | undefined,
): KeyVerdict {
  if (known !== undefined && Buffer.compare(known.hash, hash) !== 0) {
    return { kind: "REFUSED", error: fail("IDEMPOTENCY_KEY_REUSED", { key }) };
  }
  if (known !== undefined && known.reply !== null) {
    return { kind: "REPLAY", reply: { code: known.code ?? null, reply: known.reply } };
  }
  const running = fail("IDEMPOTENCY_IN_PROGRESS", { key });
  return { kind: "REFUSED", error: retryLater(running, IN_PROGRESS_RETRY_MS) };
}

/** No part of a name has a line break: that of a key is refused before. */
function nameOf({ principal, method, key }: CallName): string {
  return `${principal}\n${method}\n${key}`;
}

function namesOf(calls: readonly CallName[]) {
  return sql`${calls.map(({ principal }) => principal)}::text[],
    ${calls.map(({ method }) => method)}::text[], ${calls.map(({ key }) => key)}::text[]`;
}
