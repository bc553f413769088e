import { type SelectQueryBuilder, sql } from "kysely";
import type { LoginName } from "../domain/login-name.ts";
import type { User } from "../domain/user.ts";
import type { Queries } from "./tables.ts";

/** The user with an id. */
export async function findUser(db: Queries, id: string): Promise<User | undefined> {
  const row = await users(db).where("person.id", "=", id).executeTakeFirst();
  return row && toUser(row);
}

/** The user with a name, and the hash of the password. */
export async function findLogin(
  db: Queries,
  name: LoginName,
): Promise<{ user: User; passwordHash: string } | undefined> {
  const row = await named(db, name)
    .innerJoin("credential", "credential.person_id", "person.id")
    .select("credential.password_hash")
    .executeTakeFirst();
  return row && { user: toUser(row), passwordHash: row.password_hash };
}

/** Whether there is any administrator. */
export async function hasAdmin(db: Queries): Promise<boolean> {
  const admin = sql<boolean>`'ADMIN' = any(roles)`;
  const row = await db.selectFrom("person").select("id").where(admin).limit(1).executeTakeFirst();
  return row !== undefined;
}

function users(db: Queries) {
  return db
    .selectFrom("person")
    .innerJoin("profile", "profile.person_id", "person.id")
    .select([
      "person.id",
      "person.state",
      "person.roles",
      "person.verification_level",
      "person.created_at",
      "profile.username",
      "profile.email",
      "profile.phone_number",
    ]);
}

/** The users with a name: one or none. */
export function named(db: Queries, { kind, name }: LoginName) {
  if (kind === "phoneNumber") return users(db).where("profile.phone_number", "=", name);
  const column = kind === "email" ? "profile.email" : "profile.username";
  return users(db).where(sql`lower(${sql.ref(column)})`, "=", name);
}

type Row = ReturnType<typeof users> extends SelectQueryBuilder<never, never, infer R> ? R : never;

function toUser(row: Row): User {
  return {
    id: row.id,
    state: row.state,
    roles: row.roles,
    verificationLevel: row.verification_level,
    username: row.username,
    email: row.email ?? "",
    phoneNumber: row.phone_number ?? "",
    createdAtMs: row.created_at.getTime(),
  };
}
