import { hash, randomBytes } from "node:crypto";
import { newId } from "#mesh/ids.ts";
import { ACCESS_TOKEN_LIFE_S } from "#mesh/limits.ts";
import type { Core } from "../context.ts";
import type { User } from "../domain/user.ts";
import { insertSession } from "../store/sessions.ts";

/** What proves a person until it expires, and what renews it. */
export type Tokens = {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** How long the access token is valid, in seconds. */
  readonly expiresIn: number;
};

/** Opens a session of a user. */
export async function openSession(core: Core, user: User): Promise<Tokens> {
  const refreshToken = toToken(randomBytes(32));
  const session = { id: newId(), personId: user.id, tokenHash: hashOfToken(refreshToken) };
  await insertSession(core.db.sql, session);
  return tokensOf(core, user, refreshToken);
}

/** The tokens of a user whose refresh token is stored. */
export async function tokensOf(core: Core, user: User, refreshToken: string): Promise<Tokens> {
  const accessToken = await core.signer.accessToken(user, ACCESS_TOKEN_LIFE_S);
  return { accessToken, refreshToken, expiresIn: ACCESS_TOKEN_LIFE_S };
}

/** Writes a refresh token; by its beginning, logs and scanners know what it is. */
export function toToken(bytes: Uint8Array): string {
  return `mzr_${bytes.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** What is stored of a refresh token. It has 256 random bits, so a fast hash is enough. */
export function hashOfToken(token: string): Uint8Array {
  return hash("sha256", token, "buffer");
}
