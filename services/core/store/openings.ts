import { sql } from "kysely";
import type { Queries } from "./tables.ts";

/** Marks users whose first account is open. */
export async function markActive(db: Queries, ids: readonly string[]): Promise<void> {
  await db
    .updateTable("person")
    .set({ state: "ACTIVE" })
    .where("id", "in", ids)
    .where("state", "=", "OPENING")
    .execute();
}

/** The ids of users who have waited for their first account for some time, longest first. */
export async function findOpening(
  db: Queries,
  { patienceS, limit }: { readonly patienceS: number; readonly limit: number },
): Promise<string[]> {
  const since = sql<Date>`now() - make_interval(secs => ${patienceS})`;
  const rows = await db
    .selectFrom("person")
    .select("id")
    .where("state", "=", "OPENING")
    .where("created_at", "<=", since)
    .orderBy("created_at")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
