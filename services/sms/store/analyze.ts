import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { Tables } from "./tables.ts";

/** Lets the planner look at the tables that have changed much; tells how many it looked at. */
export async function analyzeChanged(db: Database<Tables>): Promise<number> {
  const { rows } = await sql<{ looked: number }>`
    select analyze_changed() as looked`.execute(db.sql);
  return rows[0]?.looked ?? 0;
}
