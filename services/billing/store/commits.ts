import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Account } from "../domain/account.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import type { Tables } from "./tables.ts";
import { fromTransferRow, selectTransfers, type TransferRow } from "./transfer-row.ts";

/** The transfers that one event carries: all of one commit, or a part of a large one. */
export type StoredCommit = {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Microseconds since 1970. */
  readonly atUs: number;
};

/** Reads what was committed after a transfer, oldest first. */
export async function findCommits(
  { sql: db }: Database<Tables>,
  { afterSeq, limit }: { readonly afterSeq: number; readonly limit: number },
): Promise<StoredCommit[]> {
  const found = await sql<{ first_seq: number; last_seq: number; at_us: number }>`
    select first_seq, last_seq, at_us from ledger_commit
      where last_seq > ${afterSeq} order by last_seq limit ${limit}`.execute(db);
  return found.rows.map((row) => ({
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
    atUs: row.at_us,
  }));
}

/** Reads transfers by their numbers, both included. */
export async function findTransfersBetween(
  { sql: db }: Database<Tables>,
  firstSeq: number,
  lastSeq: number,
): Promise<StoredTransfer[]> {
  const found = await sql<TransferRow>`${sql.raw(selectTransfers)}
    where t.seq between ${firstSeq} and ${lastSeq} order by t.seq`.execute(db);
  return found.rows.map(fromTransferRow);
}

/** Reads what events show of accounts, by slot. */
export async function findPostedAccounts(
  { sql: db }: Database<Tables>,
  slots: readonly number[],
): Promise<Map<number, Pick<Account, "id" | "code" | "userData">>> {
  const found = await sql<{ slot: number; id: string; code: number; user_data: string }>`
    select slot, id, code, user_data from account where slot = any (${slots}::bigint[])`.execute(
    db,
  );
  return new Map(
    found.rows.map(({ slot, id, code, user_data: userData }) => {
      return [slot, { id: hexOf(id), code, userData: hexOf(userData) }];
    }),
  );
}

/** The number of the last transfer that is committed, 0 while there is none. */
export async function findCommittedSeq({ sql: db }: Database<Tables>): Promise<number> {
  const found = await sql<{ seq: number }>`
    select coalesce(max(last_seq), 0) as seq from ledger_commit`.execute(db);
  return found.rows[0]!.seq;
}

/** The last number that was committed before a time, 0 when there is none. */
export async function findSeqBefore({ sql: db }: Database<Tables>, atUs: number): Promise<number> {
  const found = await sql<{ seq: number }>`
    select last_seq as seq from ledger_commit
      where at_us < ${atUs} order by at_us desc limit 1`.execute(db);
  return found.rows[0]?.seq ?? 0;
}

/** How many commits there are after a transfer. */
export async function countCommits(
  { sql: db }: Database<Tables>,
  afterSeq: number,
): Promise<number> {
  const found = await sql<{ count: number }>`
    select count(*) as count from ledger_commit where last_seq > ${afterSeq}`.execute(db);
  return found.rows[0]!.count;
}
