import type { Connection } from "#mesh/database/connection.ts";
import { LOAD_CHUNK_ROWS, LOADED_CHUNKS_AHEAD } from "#mesh/limits.ts";
import type { LedgerSums } from "../domain/accounts.ts";
import type { AccountColumns } from "../domain/packed-accounts.ts";

/** All accounts in parts, by slot, with what they add up to. */
export type StoredAccounts = {
  readonly accounts: readonly AccountColumns[];
  readonly sums: readonly LedgerSums[];
  readonly lastSlot: number;
};

/**
 * Reads all accounts, and adds them up. It goes by columns: rows would take three times as long.
 * Several parts are on their way at a time, so that nobody waits for the other side.
 */
export async function loadAccounts(connection: Connection): Promise<StoredAccounts> {
  const [[last], sums] = await Promise.all([
    connection.query<{ slot: number }>("select slot from account order by slot desc limit 1"),
    connection.query<SumsRow>(selectSums),
  ]);
  const lastSlot = last?.slot ?? 0;
  const accounts: AccountColumns[] = [];
  const perGroup = LOAD_CHUNK_ROWS * LOADED_CHUNKS_AHEAD;
  for (let afterSlot = 0; afterSlot < lastSlot; afterSlot += perGroup) {
    const group = Array.from({ length: LOADED_CHUNKS_AHEAD }, async (_, at) =>
      readPart(connection, afterSlot + at * LOAD_CHUNK_ROWS),
    );
    for (const part of await Promise.all(group)) if (part.count > 0) accounts.push(part);
  }
  return { accounts, sums: sums.map(fromSumsRow), lastSlot };
}

async function readPart(connection: Connection, afterSlot: number): Promise<AccountColumns> {
  const [row] = await connection.query<PartRow>(selectPart, [
    afterSlot,
    afterSlot + LOAD_CHUNK_ROWS,
  ]);
  const part = row!;
  return {
    count: part.count,
    ids: part.ids ?? nothing,
    userDatas: part.user_datas ?? nothing,
    createdAtsUs: part.created_ats_us ?? nothing,
    versions: part.versions ?? nothing,
    ledgers: part.ledgers ?? nothing,
    codes: part.codes ?? nothing,
    flags: part.flags ?? nothing,
    debitsPending: part.debits_pending ?? "",
    debitsPosted: part.debits_posted ?? "",
    creditsPending: part.credits_pending ?? "",
    creditsPosted: part.credits_posted ?? "",
  };
}

const nothing = new Uint8Array();

/** Aggregates take in the rows as they come, which is by slot. */
const selectPart = `
  select count(*) as count,
    string_agg(uuid_send(id), '') as ids, string_agg(uuid_send(user_data), '') as user_datas,
    string_agg(int8send(created_at_us), '') as created_ats_us,
    string_agg(int8send(version), '') as versions, string_agg(int4send(ledger), '') as ledgers,
    string_agg(int4send(code), '') as codes, string_agg(int4send(flags), '') as flags,
    string_agg(debits_pending::text, ',') as debits_pending,
    string_agg(debits_posted::text, ',') as debits_posted,
    string_agg(credits_pending::text, ',') as credits_pending,
    string_agg(credits_posted::text, ',') as credits_posted
  from (select * from account where slot > $1 and slot <= $2 order by slot) part`;

type PartRow = {
  count: number;
  ids: Uint8Array | null;
  user_datas: Uint8Array | null;
  created_ats_us: Uint8Array | null;
  versions: Uint8Array | null;
  ledgers: Uint8Array | null;
  codes: Uint8Array | null;
  flags: Uint8Array | null;
  debits_pending: string | null;
  debits_posted: string | null;
  credits_pending: string | null;
  credits_posted: string | null;
};

const selectSums = `
  select ledger, sum(debits_pending) as debits_pending, sum(debits_posted) as debits_posted,
      sum(credits_pending) as credits_pending, sum(credits_posted) as credits_posted
    from account group by ledger`;

type SumsRow = {
  ledger: number;
  debits_pending: bigint;
  debits_posted: bigint;
  credits_pending: bigint;
  credits_posted: bigint;
};

function fromSumsRow(row: SumsRow): LedgerSums {
  return {
    ledger: row.ledger,
    debitsPending: row.debits_pending,
    debitsPosted: row.debits_posted,
    creditsPending: row.credits_pending,
    creditsPosted: row.credits_posted,
  };
}
