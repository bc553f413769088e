import { sql } from "kysely";
import type { CallName } from "#mesh/database/idempotency-group.ts";
import type { Reply } from "#mesh/database/reply.ts";
import type { Queries } from "./tables.ts";

/** What a request was answered, with the hash of what it asked. */
export type KeptReply = { readonly hash: Uint8Array; readonly reply: Reply };

/** The replies of calls, by the places of their names; those that were never answered are absent. */
export async function findReplies(
  db: Queries,
  names: readonly CallName[],
): Promise<ReadonlyMap<number, KeptReply>> {
  const { rows } = await sql<Row>`
    select asked.place, hash, code, reply
    from idempotency join ${named(names)} using (principal, method, key)
    where reply is not null`.execute(db);
  return new Map(
    rows.map(({ place, hash, code, reply }) => [place - 1, { hash, reply: { code, reply } }]),
  );
}

/** Keeps replies; what is kept already stays. */
export async function keepReplies(
  db: Queries,
  replies: readonly (CallName & KeptReply)[],
): Promise<void> {
  await sql`
    insert into idempotency (principal, method, key, hash, code, reply)
    select principal, method, key, hash, code, reply
    from ${named(replies)} join unnest(${replies.map(({ hash }) => Buffer.from(hash))}::bytea[],
      ${replies.map(({ reply }) => reply.code)}::smallint[],
      ${replies.map(({ reply }) => Buffer.from(reply.reply))}::bytea[])
      with ordinality as kept (hash, code, reply, place) using (place)
    order by principal, method, key
    on conflict do nothing`.execute(db);
}

type Row = Pick<KeptReply, "hash"> & Reply & { readonly place: number };

function named(names: readonly CallName[]) {
  return sql`unnest(${names.map(({ principal }) => principal)}::text[],
    ${names.map(({ method }) => method)}::text[], ${names.map(({ key }) => key)}::text[])
    with ordinality as asked (principal, method, key, place)`;
}
