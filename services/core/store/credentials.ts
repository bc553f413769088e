import { sql } from "kysely";
import type { Queries } from "./tables.ts";

/** Replaces the hash of a password, unless somebody else did it in between. */
export async function replaceHash(
  db: Queries,
  personId: string,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<void> {
  await db
    .updateTable("credential")
    .set({ password_hash: after, changed_at: sql`now()` })
    .where("person_id", "=", personId)
    .where("password_hash", "=", before)
    .execute();
}
