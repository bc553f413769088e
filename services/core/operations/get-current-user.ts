import type { Core } from "../context.ts";
import type { User } from "../domain/user.ts";
import { fail } from "../errors.ts";
import { findUser } from "../store/users.ts";

/** The user whom a valid token names; throws BAD_CREDENTIALS when the user is gone since. */
export async function getCurrentUser(core: Core, id: string): Promise<User> {
  const user = await findUser(core.db.sql, id);
  if (user === undefined) throw fail("BAD_CREDENTIALS", { credentials: "access token" });
  return user;
}
