import type { Connection } from "#mesh/database/connection.ts";
import { ZERO_ID } from "#mesh/ids.ts";
import { MAX_EVENT_TRANSFERS } from "#mesh/limits.ts";
import type { Account } from "../domain/account.ts";
import type { Changes } from "../domain/changes.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import type { Fence } from "./ledger-shard.ts";
import type { KeptReply } from "./replies.ts";

/** A commit in the form in which it travels. The ledger may change again once it is made. */
export type EncodedCommit = readonly unknown[];

/** Stores a commit in one round trip; returns the database's time in microseconds since 1970. */
export async function storeCommit(connection: Connection, commit: EncodedCommit): Promise<number> {
  const [row] = await connection.query<{ now_us: number }>(statement, commit);
  return row!.now_us;
}

/** The SQLSTATE by which a commit is refused whose fence has fallen (WR-6). */
export const FENCE_LOST = "MZ001";

/**
 * Writes what the ledger has decided as the arguments of ledger_commit, with the replies to keep.
 * Arrays are written by hand, as PostgreSQL reads them: it is the cheapest way in that was
 * measured, since all of it fits in one statement (COPY doesn't, JSON takes a third longer).
 */
export function encodeCommit(
  { shard, epoch }: Fence,
  changes: Changes,
  replies: readonly KeptReply[],
): EncodedCommit {
  const { transfers, touched, opened, closed, lastSeq, lastAtUs } = changes;
  return [
    shard,
    epoch,
    lastSeq - transfers.length,
    lastSeq,
    lastAtUs,
    MAX_EVENT_TRANSFERS,
    ...transferColumns.map((read) => toArray(transfers, read)),
    ...accountColumns.map((read) => toArray(touched, read)),
    toArray(opened, ({ seq }) => seq),
    toArray(closed, ({ seq }) => seq),
    toOthers(changes, replies),
  ];
}

type Cell = string | number | bigint;

const transferColumns: readonly ((row: StoredTransfer) => Cell)[] = [
  (row) => row.seq,
  (row) => row.atUs,
  (row) => row.debitSlot,
  (row) => row.creditSlot,
  (row) => row.debitVersion,
  (row) => row.creditVersion,
  (row) => (row.pendingId === ZERO_ID ? "null" : row.pendingSeq),
  (row) => row.id,
  (row) => row.userData,
  (row) => row.ledger,
  (row) => row.code,
  (row) => row.flags,
  (row) => row.timeoutSeconds,
  (row) => row.kind,
  (row) => row.amount,
  (row) => row.debitPendingAfter,
  (row) => row.debitPostedAfter,
  (row) => row.creditPendingAfter,
  (row) => row.creditPostedAfter,
];

const accountColumns: readonly ((account: Account) => Cell)[] = [
  (account) => account.slot,
  (account) => account.version,
  (account) => account.flags,
  (account) => account.debitsPending,
  (account) => account.debitsPosted,
  (account) => account.creditsPending,
  (account) => account.creditsPosted,
];

const columnCount = 6 + transferColumns.length + accountColumns.length + 3;
const places = Array.from({ length: columnCount }, (_, index) => `$${index + 1}`);
const statement = `select ledger_commit(${places.join()}) as now_us`;

/** The cells hold digits and nothing else, so that none needs quotes. */
function toArray<R>(rows: readonly R[], read: (row: R) => Cell): string {
  let text = "{";
  for (const row of rows) text += text === "{" ? read(row) : `,${read(row)}`;
  return `${text}}`;
}

function toOthers({ accounts, transfers, failed }: Changes, replies: readonly KeptReply[]) {
  const references = transfers.filter(
    ({ reference }) => reference !== undefined && reference !== "",
  );
  if (accounts.length + references.length + failed.length + replies.length === 0) return null;
  return JSON.stringify({
    accounts: accounts.map((account) => ({
      slot: account.slot,
      version: account.version,
      created_at_us: account.createdAtUs,
      id: account.id,
      user_data: account.userData,
      ledger: account.ledger,
      code: account.code,
      flags: account.flags,
      debits_pending: String(account.debitsPending),
      debits_posted: String(account.debitsPosted),
      credits_pending: String(account.creditsPending),
      credits_posted: String(account.creditsPosted),
    })),
    references: references.map(({ seq, reference }) => ({ seq, reference })),
    failed: failed.map(({ id, atUs, status }) => ({ id, at_us: atUs, status })),
    replies: replies.map(({ principal, method, key, hash, code, reply }) => ({
      principal,
      method,
      key,
      hash: `\\x${hash.toHex()}`,
      code,
      reply: `\\x${reply.toHex()}`,
    })),
  });
}
