import { sql } from "kysely";
import type { Tx } from "./tables.ts";

/** An account that a merchant is to be paid to. */
export type Beneficiary = { readonly ownerId: string; readonly account: string };

/** Lets nobody else check payouts of these merchants until the transaction ends. */
export async function lockMerchants(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    select pg_advisory_xact_lock(name) from (
      select distinct hashtextextended('payout/' || id, 0) as name
      from unnest(${ids}::text[]) as given (id) order by name) as sorted`.execute(tx);
}

/**
 * Notes accounts that are new: the first one of a merchant may be used at once, others after the
 * cool-down (PAY-7). Returns those of all given that may be used by now. The merchants are locked.
 */
export async function noteBeneficiaries(
  tx: Tx,
  given: readonly Beneficiary[],
  coolDownMs: number,
): Promise<Beneficiary[]> {
  if (given.length === 0) return [];
  const owners = given.map(({ ownerId }) => ownerId);
  const accounts = given.map(({ account }) => account);
  await sql`
    insert into beneficiary (owner_id, account, usable_from)
    select owner_id, account, case when
        row_number() over (partition by owner_id order by place) = 1
        and not exists (select from beneficiary b where b.owner_id = given.owner_id)
      then now() else now() + ${coolDownMs} * interval '1 ms' end
    from unnest(${owners}::uuid[], ${accounts}::text[])
      with ordinality as given (owner_id, account, place)
    on conflict do nothing`.execute(tx);
  const { rows } = await sql<{ owner_id: string; account: string }>`
    select owner_id, account from beneficiary
    join unnest(${owners}::uuid[], ${accounts}::text[]) as given (owner_id, account)
      using (owner_id, account)
    where usable_from <= now()`.execute(tx);
  return rows.map((row) => ({ ownerId: row.owner_id, account: row.account }));
}
