import { sql } from "kysely";
import type { Queries } from "./tables.ts";

/**
 * Deletes refresh tokens and sessions that nobody can use any more, at most so many of each, and
 * tells how many there were.
 */
export async function pruneSessions(db: Queries, limit: number): Promise<number> {
  const tokens = await sql`
    delete from refresh_token where hash in (
      select hash from refresh_token where expires_at < now() limit ${limit} for update skip locked
    )`.execute(db);
  const sessions = await sql`
    delete from session where id in (
      select id from session where expires_at < now() limit ${limit} for update skip locked
    )`.execute(db);
  return Number(tokens.numAffectedRows ?? 0n) + Number(sessions.numAffectedRows ?? 0n);
}
