import { sql } from "kysely";
import type { Queries } from "./tables.ts";

/** Which of some orders are refused for ever (FUND-8); all by their UUIDs. */
export async function findBurned(
  db: Queries,
  orders: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from burned_order where id = any (${orders}::uuid[])`.execute(db);
  return new Set(rows.map(({ id }) => id));
}
