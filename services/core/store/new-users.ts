import { sql } from "kysely";
import type { LoginName } from "../domain/login-name.ts";
import type { User } from "../domain/user.ts";
import type { Queries } from "./tables.ts";
import { named } from "./users.ts";

/** What makes a user; the hash of the password goes where no list of users shows it. */
export type NewUser = Omit<User, "createdAtMs" | "verificationLevel"> & {
  readonly passwordHash: string;
};

/** Inserts a user; nothing and undefined when a name belongs to somebody else already. */
export async function insertUser(db: Queries, user: NewUser): Promise<User | undefined> {
  const { passwordHash, ...rest } = user;
  const { id, state, roles, username, email, phoneNumber } = rest;
  const { rows } = await sql<{ created_at: Date }>`
    with new_profile as (
      insert into profile (person_id, username, email, phone_number)
      values (${id}, ${username}, ${email || null}, ${phoneNumber || null})
      on conflict do nothing
      returning person_id
    ), new_person as (
      insert into person (id, state, roles)
      select person_id, ${state}, ${roles}::text[] from new_profile
      returning id, created_at
    ), new_credential as (
      insert into credential (person_id, password_hash)
      select id, ${passwordHash} from new_person
    )
    select created_at from new_person`.execute(db);
  const [row] = rows;
  return row && { ...rest, verificationLevel: 0, createdAtMs: row.created_at.getTime() };
}

/** Which of the names belongs to somebody else: the first in the order of a login. */
export async function findTaken(
  db: Queries,
  names: Pick<User, LoginName["kind"]>,
): Promise<LoginName["kind"] | undefined> {
  const kinds = ["username", "email", "phoneNumber"] as const;
  for (const kind of kinds) {
    const name = names[kind].toLowerCase();
    const found = name !== "" && (await named(db, { kind, name }).executeTakeFirst());
    if (found) return kind;
  }
  return undefined;
}
