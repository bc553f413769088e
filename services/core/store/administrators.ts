import { sql } from "kysely";
import type { Queries } from "./tables.ts";

/** The ids of all administrators. */
export async function listAdministrators(db: Queries): Promise<string[]> {
  const found = await sql<{ id: string }>`
    select id from person where 'ADMIN' = any (roles) order by id`.execute(db);
  return found.rows.map(({ id }) => id);
}
