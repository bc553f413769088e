import type { Connection } from "#mesh/database/connection.ts";
import { AccountFlags } from "../domain/account.ts";

/**
 * Reads accounts after a slot, in the order of their slots, as lines: what never changes of them,
 * with spaces in between. That is how they are sealed.
 */
export async function readAccountLines(
  connection: Connection,
  afterSlot: number,
  limit: number,
): Promise<string[]> {
  const [row] = await connection.query<{ lines: string | null }>(
    `select string_agg(concat_ws(' ', 'account', slot, id, ledger, code,
        flags & ~${AccountFlags.CLOSED}, user_data, created_at_us), E'\\n' order by slot) as lines
      from (select * from account where slot > $1 order by slot limit $2) chunk`,
    [afterSlot, limit],
  );
  return row!.lines?.split("\n") ?? [];
}
