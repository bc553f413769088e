import {
  type RegisterUserRequest,
  type RegisterUserResponse,
  RegisterUserResponseSchema,
} from "#gen/mizan/core/v1/user_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import { newId } from "#mesh/ids.ts";
import type { Call, Core } from "../context.ts";
import { checkPassword } from "../domain/password-policy.ts";
import { commonPasswords } from "../providers/common-passwords.ts";
import type { User } from "../domain/user.ts";
import { fail } from "../errors.ts";
import { userRegistered } from "../events.ts";
import { findTaken, insertUser, type NewUser } from "../store/new-users.ts";
import type { Queries } from "../store/tables.ts";
import { findUser } from "../store/users.ts";
import { toUser } from "./messages.ts";
import { openFirstAccount } from "./open-accounts.ts";
import { saltOf, sealed } from "./seal-password.ts";

/**
 * Registers a user once per key, and answers when the ledger knows the user too, on a retry as
 * well. Throws WEAK_PASSWORD, USERNAME_TAKEN, EMAIL_TAKEN, PHONE_NUMBER_TAKEN, and OVERLOADED when
 * too many passwords wait to be hashed.
 */
export async function registerUser(
  core: Core,
  request: Omit<RegisterUserRequest, "$typeName">,
  call: Call,
): Promise<RegisterUserResponse> {
  const { username, email, phoneNumber, password } = request;
  const { values, signal } = call;
  checkPassword(password, [username, email, phoneNumber], commonPasswords);
  const salt = saltOf(values, username);
  const passwordHash = await core.passwords.hash(password, { ...(salt && { salt }), signal });
  const names = { username, email, phoneNumber };
  const response = await sealed(values, [username, email, phoneNumber, passwordHash], async () =>
    once(core.db, values, RegisterUserResponseSchema, async (tx) => {
      const user = await join(tx, { id: newId(), ...newcomer, ...names, passwordHash });
      return { user: toUser(user) };
    }),
  );
  const user = await findUser(core.db.sql, response.user!.id);
  if (user !== undefined) await openFirstAccount(core, user, call);
  return response;
}

const newcomer = { state: "OPENING", roles: ["USER"] } as const;

async function join(tx: Queries, newUser: NewUser): Promise<User> {
  const user = await insertUser(tx, newUser);
  if (user === undefined) throw await taken(tx, newUser);
  await userRegistered(tx, user);
  return user;
}

async function taken(tx: Queries, newUser: NewUser) {
  switch (await findTaken(tx, newUser)) {
    case "username":
      return fail("USERNAME_TAKEN", { username: newUser.username });
    case "email":
      return fail("EMAIL_TAKEN");
    case "phoneNumber":
      return fail("PHONE_NUMBER_TAKEN");
    default:
      return new Error("a user was refused for a name that nobody has");
  }
}
