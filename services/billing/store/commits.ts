import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { Connection } from "#mesh/database/connection.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Account } from "../domain/account.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import type { Tables } from "./tables.ts";
import { fromTransferRow, selectTransfers, type TransferRow } from "./transfer-row.ts";

/** The transfers that one event carries: all of one commit, or a part of a large one. */
export type StoredCommit = {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The time of the last of them, in microseconds since 1970. */
  readonly atUs: number;
  /** The time of the last transfer before them; 0 when there is none. */
  readonly afterUs: number;
  /** Who has made it; commits of before epochs were noted have none. */
  readonly epoch: number | undefined;
  /** The places of the accounts that its event tells of, both included; absent for none. */
  readonly told: { readonly firstSlot: number; readonly lastSlot: number } | undefined;
};

/** Reads what was committed after a transfer, oldest first. */
export async function findCommits(
  { sql: db }: Database<Tables>,
  { afterSeq, limit }: { readonly afterSeq: number; readonly limit: number },
): Promise<StoredCommit[]> {
  const found = await sql<CommitRow>`
    select first_seq, last_seq, at_us, epoch, first_slot, last_slot,
      coalesce(lag(at_us) over (order by last_seq), (
        select at_us from ledger_commit where last_seq <= ${afterSeq} order by last_seq desc limit 1
      ), 0) as after_us
      from ledger_commit where last_seq > ${afterSeq} order by last_seq limit ${limit}`.execute(db);
  return found.rows.map((row) => ({
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
    atUs: row.at_us,
    afterUs: row.after_us,
    epoch: row.epoch ?? undefined,
    told:
      row.first_slot === null ? undefined : { firstSlot: row.first_slot, lastSlot: row.last_slot! },
  }));
}

/** The place of the last account that an event has told of, 0 when none has. */
export async function findLastToldSlot(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ slot: number }>(
    `select last_slot as slot from ledger_commit
      where last_slot is not null order by last_seq desc limit 1`,
  );
  return row?.slot ?? 0;
}

type CommitRow = {
  first_seq: number;
  last_seq: number;
  at_us: number;
  after_us: number;
  epoch: number | null;
  first_slot: number | null;
  last_slot: number | null;
};

/** Reads the transfers after a time until another, in microseconds since 1970, oldest first. */
export async function findTransfersBetween(
  { sql: db }: Database<Tables>,
  afterUs: number,
  untilUs: number,
): Promise<StoredTransfer[]> {
  const found = await sql<TransferRow>`${sql.raw(selectTransfers)}
    where t.at_us > ${afterUs} and t.at_us <= ${untilUs} order by t.at_us`.execute(db);
  return found.rows.map(fromTransferRow);
}

/** Reads what events show of accounts, by slot. */
export async function findPostedAccounts(
  { sql: db }: Database<Tables>,
  slots: readonly number[],
): Promise<Map<number, Pick<Account, "id" | "ledger" | "code" | "userData">>> {
  const found = await sql<PostedRow>`
    select slot, id, ledger, code, user_data from account
      where slot = any (${slots}::bigint[])`.execute(db);
  return new Map(
    found.rows.map(({ slot, id, ledger, code, user_data: userData }) => {
      return [slot, { id: hexOf(id), ledger, code, userData: hexOf(userData) }];
    }),
  );
}

type PostedRow = { slot: number; id: string; ledger: number; code: number; user_data: string };

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
