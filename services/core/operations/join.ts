import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { once } from "#mesh/database/idempotency.ts";
import { newId } from "#mesh/ids.ts";
import type { Call, Core } from "../context.ts";
import { checkPassword } from "../domain/password-policy.ts";
import type { User } from "../domain/user.ts";
import { fail } from "../errors.ts";
import { userRegistered } from "../events.ts";
import { commonPasswords } from "../providers/common-passwords.ts";
import { findTaken, insertUser, type NewUser } from "../store/new-users.ts";
import type { Queries } from "../store/tables.ts";
import { findUser } from "../store/users.ts";
import { openFirstAccount } from "./open-accounts.ts";
import { saltOf, sealed } from "./seal-password.ts";

/** Somebody who joins; empty texts stand for what is not given. */
export type Newcomer = Pick<User, "username" | "email" | "phoneNumber" | "roles"> & {
  readonly password: string;
};

/** How a call of a newcomer is answered. */
export type Joining<S extends DescMessage> = {
  readonly call: Call;
  readonly schema: S;
  /** What the request says beside the newcomer's names and password. */
  readonly fields?: readonly string[];
  /** Does what else belongs to joining, in the same transaction, and makes the answer. */
  readonly welcome: (tx: Queries, user: User) => Promise<MessageInitShape<S>>;
  /** The id of the user in an answer. */
  readonly idOf: (response: MessageShape<S>) => string;
};

/**
 * Makes a user once per key, and answers when the ledger knows the user too, on a retry as well.
 * Throws WEAK_PASSWORD, USERNAME_TAKEN, EMAIL_TAKEN, PHONE_NUMBER_TAKEN, and OVERLOADED when too many
 * passwords wait to be hashed.
 */
export async function join<S extends DescMessage>(
  core: Core,
  { password, roles, ...names }: Newcomer,
  { call, schema, fields = [], welcome, idOf }: Joining<S>,
): Promise<MessageShape<S>> {
  const { username, email, phoneNumber } = names;
  const { values, signal } = call;
  checkPassword(password, [username, email, phoneNumber], commonPasswords);
  const salt = saltOf(values, username);
  const passwordHash = await core.passwords.hash(password, { ...(salt && { salt }), signal });
  const said = [username, email, phoneNumber, passwordHash, ...fields];
  const response = await sealed(values, said, async () =>
    once(core.db, values, schema, async (tx) => {
      const newUser = { id: newId(), state: "OPENING", roles, ...names, passwordHash } as const;
      return welcome(tx, await insert(tx, newUser));
    }),
  );
  const user = await findUser(core.db.sql, idOf(response));
  if (user !== undefined) await openFirstAccount(core, user, call);
  return response;
}

async function insert(tx: Queries, newUser: NewUser): Promise<User> {
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
