import type { Connection } from "#mesh/database/connection.ts";
import type { Reply } from "#mesh/database/reply.ts";

/** The name of a reply that is kept: whose it is, of which method, under which key (L6). */
export type ReplyKey = {
  readonly principal: string;
  readonly method: string;
  readonly key: string;
};

/** A reply that is kept, with the SHA-256 of the request that it answers. */
export type KeptReply = ReplyKey & Reply & { readonly hash: Uint8Array };

/** Finds the replies that are kept under some keys. */
export async function findReplies(
  connection: Connection,
  keys: readonly ReplyKey[],
): Promise<KeptReply[]> {
  return connection.query<KeptReply>(
    `select principal, method, key, hash, code, reply
      from unnest($1::text[], $2::text[], $3::text[]) wanted (principal, method, key)
      join idempotency using (principal, method, key)`,
    [
      keys.map(({ principal }) => principal),
      keys.map(({ method }) => method),
      keys.map(({ key }) => key),
    ],
  );
}
