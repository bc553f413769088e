import { clientKey } from "#mesh/client.ts";
import { retryLater } from "#mesh/errors.ts";
import { networkOf } from "#mesh/network.ts";
import type { Call, Core } from "../context.ts";
import type { Attempt } from "../domain/attempts.ts";
import { type LoginName, toLoginName } from "../domain/login-name.ts";
import type { User } from "../domain/user.ts";
import { fail } from "../errors.ts";
import { replaceHash } from "../store/credentials.ts";
import { findLogin } from "../store/users.ts";
import { openFirstAccount } from "./open-accounts.ts";
import { openSession, type Tokens } from "./open-session.ts";

/** What somebody logs in with; the name is any of the user's. */
type Claim = { readonly username: string; readonly password: string };

/**
 * Opens a session for whoever knows the password. Throws BAD_CREDENTIALS, after as much work for
 * an unknown name as for a known one (S2), and TOO_MANY_ATTEMPTS before any work (S3).
 */
export async function login(
  core: Core,
  { username, password }: Claim,
  call: Call,
): Promise<Tokens & { readonly user: User }> {
  const name = toLoginName(username);
  const network = networkOf(call.values.get(clientKey)?.ip ?? "");
  const attempt = { name: name.name, network };
  take(core, attempt);
  const verified = await verify(core, name, { password, signal: call.signal }).catch(
    (error: unknown) => {
      core.attempts.undo(attempt, core.clock.monotonicMs());
      throw error;
    },
  );
  if (verified === undefined) {
    throw fail("BAD_CREDENTIALS", { credentials: "username or the password" });
  }
  core.attempts.succeed(attempt, core.clock.monotonicMs());
  const { user, passwordHash: before } = verified;
  if (core.passwords.isOutdated(before)) {
    await replaceHash(core.db.sql, user.id, { before, after: await core.passwords.hash(password) });
  }
  await openFirstAccount(core, user, call);
  return { ...(await openSession(core, user)), user };
}

function take(core: Core, attempt: Attempt): void {
  const waitMs = Math.ceil(core.attempts.take(attempt, core.clock.monotonicMs()));
  if (waitMs > 0) throw retryLater(fail("TOO_MANY_ATTEMPTS", { retry_ms: waitMs }), waitMs);
}

/** The user with the name, if the password is right. */
async function verify(
  core: Core,
  name: LoginName,
  { password, signal }: { readonly password: string; readonly signal: AbortSignal },
) {
  const found = await findLogin(core.db.sql, name);
  const isRight = await core.passwords.verify(password, found?.passwordHash, signal);
  return isRight ? found : undefined;
}
