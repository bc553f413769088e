import type { Connection } from "#mesh/database/connection.ts";
import { hexOf } from "#mesh/ids.ts";
import { LOAD_CHUNK_ROWS } from "#mesh/limits.ts";
import type { Account } from "../domain/account.ts";

/** Reads all accounts in the order of their slots. */
export async function loadAccounts(connection: Connection): Promise<Account[]> {
  const accounts: Account[] = [];
  for (;;) {
    const after = accounts.at(-1)?.slot ?? 0;
    const rows = await connection.query<AccountRow>(
      "select * from account where slot > $1 order by slot limit $2",
      [after, LOAD_CHUNK_ROWS],
    );
    for (const row of rows) accounts.push(fromAccountRow(row));
    if (rows.length < LOAD_CHUNK_ROWS) return accounts;
  }
}

type AccountRow = {
  slot: number;
  id: string;
  ledger: number;
  code: number;
  user_data: string;
  created_at_us: number;
  flags: number;
  debits_pending: bigint;
  debits_posted: bigint;
  credits_pending: bigint;
  credits_posted: bigint;
  version: number;
};

function fromAccountRow(row: AccountRow): Account {
  return {
    slot: row.slot,
    id: hexOf(row.id),
    ledger: row.ledger,
    code: row.code,
    userData: hexOf(row.user_data),
    createdAtUs: row.created_at_us,
    flags: row.flags,
    debitsPending: row.debits_pending,
    debitsPosted: row.debits_posted,
    creditsPending: row.credits_pending,
    creditsPosted: row.credits_posted,
    version: row.version,
  };
}
