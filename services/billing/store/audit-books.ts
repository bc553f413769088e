import type { Connection } from "#mesh/database/connection.ts";
import { READ_CHUNK_ROWS } from "#mesh/limits.ts";
import { accountColumns, factColumns } from "../domain/fold/accounts.ts";
import { commitColumns } from "../domain/fold/commits.ts";
import type { End } from "../domain/fold/end.ts";
import type { Original } from "../domain/fold/state.ts";
import { readRowTexts } from "./read-rows.ts";

const limit = READ_CHUNK_ROWS;

/** Where the books of a shard end. */
export async function findEnd(connection: Connection, shard: number): Promise<End> {
  const [end] = await connection.query<End>(
    `select last_seq as "lastSeq", last_at_us as "lastAtUs" from ledger_shard where shard = $1`,
    [shard],
  );
  return end ?? { lastSeq: 0, lastAtUs: 0 };
}

/** Reads what the next accounts after a slot are. */
export async function readFacts(connection: Connection, after: number) {
  return readRowTexts(connection, {
    table: "account",
    columns: factColumns,
    by: "slot",
    after,
    limit,
  });
}

/** Reads the next accounts after a slot with their counters. */
export async function readAccounts(connection: Connection, after: number) {
  const columns = accountColumns;
  return readRowTexts(connection, { table: "account", columns, by: "slot", after, limit });
}

/** Reads the commits that end after one transfer, and at the latest with another. */
export async function readCommits(connection: Connection, after: number, until: number) {
  const stretch = { by: "last_seq", after, until, limit: until - after };
  return readRowTexts(connection, { table: "ledger_commit", columns: commitColumns, ...stretch });
}

/** Reads the next open pending transfers after a time. */
export async function readOpen(connection: Connection, after: number) {
  const columns = ["at_us"] as const;
  return readRowTexts(connection, { table: "pending_open", columns, by: "at_us", after, limit });
}

/** Reads the next reverts after the time of their original. */
export async function readReverts(connection: Connection, after: number) {
  const columns = ["original_at_us", "at_us"] as const;
  const by = "original_at_us";
  return readRowTexts(connection, { table: "transfer_revert", columns, by, after, limit });
}

/** Finds transfers by their times, as far as their reverts have to agree with them. */
export async function findOriginals(
  connection: Connection,
  atsUs: readonly number[],
): Promise<Map<number, Original>> {
  if (atsUs.length === 0) return new Map();
  const rows = await connection.query<Original & { atUs: number }>(
    `select at_us as "atUs", kind, ledger, debit_slot as "debitSlot", credit_slot as "creditSlot",
        amount, reverts_at_us is not null as "isRevert"
      from transfer where at_us = any ($1::bigint[])`,
    [atsUs],
  );
  return new Map(rows.map(({ atUs, ...original }) => [atUs, original]));
}

/** The sums of all counters of a ledger; what is right is in pairs. */
export type LedgerSums = {
  readonly ledger: number;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
};

/** Sums up the stored accounts by ledger. */
export async function sumLedgers(connection: Connection): Promise<LedgerSums[]> {
  return connection.query<LedgerSums>(
    `select ledger, sum(debits_pending) as "debitsPending", sum(credits_pending) as "creditsPending",
        sum(debits_posted) as "debitsPosted", sum(credits_posted) as "creditsPosted"
      from account group by ledger order by ledger`,
  );
}

/** Up to which transfer the relay has published, as far as it has written that down; else 0. */
export async function findPublished(
  connection: Connection,
  stream: string,
  source: string,
): Promise<number> {
  const [row] = await connection.query<{ position: number }>(
    "select position from relay_position where stream = $1 and source = $2",
    [stream, source],
  );
  return row?.position ?? 0;
}
