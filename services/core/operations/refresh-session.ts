import { createHmac, randomBytes } from "node:crypto";
import type { Core } from "../context.ts";
import { fail } from "../errors.ts";
import { findUsedToken, revokeSession, rotateToken } from "../store/sessions.ts";
import { findUser } from "../store/users.ts";
import { hashOfToken, type Tokens, tokensOf, toToken } from "./open-session.ts";

/**
 * Trades a refresh token for its successor. The same token again within the grace has the same
 * successor, while nobody has used that one; any later use ends the whole session, because one of
 * two people has stolen it (S5, RFC 9700 §4.14). Throws BAD_CREDENTIALS.
 *
 * The successor is derived from the token and a random salt. Only hashes and salts are stored: who
 * reads the database has no token, and who once had a token has no salt, so neither knows what
 * comes next; the server has both whenever the token is presented.
 */
export async function refreshSession(core: Core, token: string): Promise<Tokens> {
  const hash = hashOfToken(token);
  const salt = randomBytes(32);
  const successor = successorOf(token, salt);
  const rotation = { hash, salt, successor: hashOfToken(successor) };
  const personId = await rotateToken(core.db.sql, rotation);
  if (personId !== undefined) return tokensFor(core, personId, successor);
  const used = await findUsedToken(core.db.sql, hash);
  if (used === undefined) throw refused();
  if (used.isGrace) return tokensFor(core, used.personId, successorOf(token, used.salt));
  await revokeSession(core.db.sql, used.sessionId);
  core.log.warn({ id: used.sessionId }, "a refresh token came twice: its session has ended");
  throw refused();
}

function successorOf(token: string, salt: Uint8Array): string {
  return toToken(createHmac("sha256", salt).update(token).digest());
}

async function tokensFor(core: Core, personId: string, refreshToken: string): Promise<Tokens> {
  const user = await findUser(core.db.sql, personId);
  if (user === undefined) throw refused();
  return tokensOf(core, user, refreshToken);
}

function refused() {
  return fail("BAD_CREDENTIALS", { credentials: "refresh token" });
}
