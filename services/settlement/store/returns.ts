import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { RETURN_LOOK_MS } from "#mesh/limits.ts";
import type { Tables, Tx } from "./tables.ts";

/** A line that says that a payout came back, of which its provider has not told us. */
export type ReturnLine = {
  /** That of the difference. */
  readonly id: number;
  /** Our reference for the payout. */
  readonly reference: string;
};

/** Takes lines that a provider is to be asked about, the longest due first; others leave them. */
export async function claimReturns(
  { sql: db }: Pick<Database<Tables>, "sql">,
  provider: string,
  { most, forMs }: { readonly most: number; readonly forMs: number },
): Promise<ReturnLine[]> {
  const { rows } = await sql<ReturnLine>`
    with due as (
      select id from statement_difference
      where provider = ${provider} and ask_at <= now()
      order by ask_at limit ${most} for update skip locked
    )
    update statement_difference as line set ask_at = now() + ${forMs} * interval '1 ms'
    from due where line.id = due.id returning line.id, reference`.execute(db);
  return rows;
}

/** Puts lines off that a provider was asked about in vain: twice as long each time, to a bound. */
export async function postponeReturns(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const { first, most } = RETURN_LOOK_MS;
  await sql`
    update statement_difference set ask_tries = least(ask_tries + 1, 30000),
      ask_at = now() + least(${first} * 2 ^ least(ask_tries, 20), ${most}) * interval '1 ms'
    where id = any(${[...ids]}::bigint[]) and ask_at is not null`.execute(tx);
}
