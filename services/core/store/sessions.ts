import { sql } from "kysely";
import { REFRESH_GRACE_S, REFRESH_TOKEN_LIFE_DAYS, SESSION_LIFE_DAYS } from "#mesh/limits.ts";
import type { Queries } from "./tables.ts";

/** Opens a session with its first refresh token, which is stored as its hash alone (S5). */
export async function insertSession(
  db: Queries,
  { id, personId, tokenHash }: { id: string; personId: string; tokenHash: Uint8Array },
): Promise<void> {
  await sql`
    with opened as (
      insert into session (id, person_id, expires_at)
      values (${id}, ${personId}, now() + make_interval(days => ${SESSION_LIFE_DAYS}))
      returning id, expires_at
    )
    insert into refresh_token (hash, session_id, expires_at)
    select ${tokenHash}::bytea, id, ${tokenEnd} from opened`.execute(db);
}

/** The use of a refresh token: which one, what derives its successor, and that one's hash. */
export type Rotation = {
  readonly hash: Uint8Array;
  readonly salt: Uint8Array;
  readonly successor: Uint8Array;
};

/**
 * Uses a refresh token and stores its successor; undefined when it can't be used, or not any more.
 * Of many uses at the same time one wins, by the condition of the update alone.
 */
export async function rotateToken(
  db: Queries,
  { hash, salt, successor }: Rotation,
): Promise<string | undefined> {
  const { rows } = await sql<{ person_id: string }>`
    with used as (
      update refresh_token as token
      set used_at = now(), salt = ${salt}, successor = ${successor}
      from session
      where token.hash = ${hash} and token.used_at is null and token.expires_at > now()
        and session.id = token.session_id
        and session.revoked_at is null and session.expires_at > now()
      returning session.id, session.person_id, session.expires_at
    ), renewed as (
      insert into refresh_token (hash, session_id, expires_at)
      select ${successor}::bytea, id, ${tokenEnd} from used
    )
    select person_id from used`.execute(db);
  return rows[0]?.person_id;
}

/** A refresh token that was used before. */
export type UsedToken = {
  readonly sessionId: string;
  readonly personId: string;
  readonly salt: Uint8Array;
  /** Whether it may be repeated: used a moment ago, and its successor not at all. */
  readonly isGrace: boolean;
};

/** What became of a refresh token that was used; undefined for any other, and for ended sessions. */
export async function findUsedToken(db: Queries, hash: Uint8Array): Promise<UsedToken | undefined> {
  const { rows } = await sql<UsedToken>`
    select session.id as "sessionId", session.person_id as "personId", token.salt,
      token.used_at > now() - make_interval(secs => ${REFRESH_GRACE_S})
        and next.used_at is null as "isGrace"
    from refresh_token as token
      join session on session.id = token.session_id
      join refresh_token as next on next.hash = token.successor
    where token.hash = ${hash} and session.revoked_at is null and session.expires_at > now()
  `.execute(db);
  return rows[0];
}

/** Ends a session with all its tokens. */
export async function revokeSession(db: Queries, id: string): Promise<void> {
  await db
    .updateTable("session")
    .set({ revoked_at: sql`now()` })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .execute();
}

/** Ends all sessions of a person. */
export async function revokeSessionsOf(db: Queries, personId: string): Promise<void> {
  await db
    .updateTable("session")
    .set({ revoked_at: sql`now()` })
    .where("person_id", "=", personId)
    .where("revoked_at", "is", null)
    .execute();
}

/** A token ends after its time without use, and never after its session. */
const tokenEnd = sql`least(now() + make_interval(days => ${REFRESH_TOKEN_LIFE_DAYS}), expires_at)`;
