import { newId } from "#mesh/ids.ts";
import { transaction } from "#mesh/database/transaction.ts";
import type { Core } from "../context.ts";
import { checkPassword } from "../domain/password-policy.ts";
import { commonPasswords } from "../providers/common-passwords.ts";
import { fail } from "../errors.ts";
import { insertUser } from "../store/new-users.ts";
import { hasAdmin } from "../store/users.ts";

/** The first administrator, as the operator of the platform names them. */
export type FirstAdmin = { readonly username: string; readonly password: string };

/**
 * Makes the first administrator when there is none; processes that start together make one. Throws
 * USERNAME_TAKEN when somebody else has the name, and WEAK_PASSWORD.
 */
export async function ensureAdmin(core: Core, { username, password }: FirstAdmin): Promise<void> {
  if (await hasAdmin(core.db.sql)) return;
  checkPassword(password, [username], commonPasswords);
  const passwordHash = await core.passwords.hash(password);
  const names = { username, email: "", phoneNumber: "" };
  const inserted = await transaction(core.db, async (tx) =>
    insertUser(tx, { id: newId(), state: "ACTIVE", roles: ["ADMIN"], ...names, passwordHash }),
  );
  if (inserted === undefined && !(await hasAdmin(core.db.sql))) {
    throw fail("USERNAME_TAKEN", { username });
  }
}
