import { sql } from "kysely";
import type { Role } from "../domain/user.ts";
import type { Queries } from "./tables.ts";

/** Lets nobody else change roles until the transaction ends. */
export async function lockRoles(tx: Queries): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('roles', 0))`.execute(tx);
}

/**
 * Sets the roles of a user; false when there is none. Who may hold money from now on, as the first
 * administrator could not, waits for the first account like a user who has joined (ACC-9).
 */
export async function updateRoles(
  tx: Queries,
  id: string,
  roles: readonly Role[],
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update person
    set roles = ${roles}::text[],
      state = case
        when ${roles}::text[] && '{USER,MERCHANT}' and not roles && '{USER,MERCHANT}'
        then 'OPENING' else state end
    where id = ${id}`.execute(tx);
  return numAffectedRows === 1n;
}
