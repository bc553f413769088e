import type { Connection } from "#mesh/database/connection.ts";
import { ZERO_ID } from "#mesh/ids.ts";
import { SHARD_LEASE_MS, MAX_EVENT_TRANSFERS } from "#mesh/limits.ts";
import type { Account } from "../domain/account.ts";
import type { Asset } from "../domain/asset.ts";
import type { Changes } from "../domain/changes.ts";
import type { Monitor } from "../domain/monitor.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import { type ByHand, toByHand } from "./approvals.ts";
import type { Fence } from "#mesh/database/shard-row.ts";
import { toMonitorRow } from "./monitors.ts";
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

/** What is stored beside the decisions of the ledger. */
export type Others = {
  /** The replies to keep. */
  readonly replies?: readonly KeptReply[];
  /** What the ledger counts from now on. */
  readonly assets?: readonly Asset[];
  readonly events?: readonly OutboxEvent[];
  /** The accounts that the event of the commit tells of, without a gap between their slots. */
  readonly told?: readonly Account[];
  /** The monitors that are new, or whose balance has crossed the bound. */
  readonly monitors?: readonly Monitor[];
  /** The ids of the monitors that have ended. */
  readonly endedMonitors?: readonly string[];
} & ByHand;

/** An event for the outbox, as its columns have it. */
type OutboxEvent = {
  readonly stream: string;
  readonly eventId: string;
  readonly subject: string;
  readonly key: string;
  /** The number among the events of the key. */
  readonly seq?: number;
  readonly traceparent?: string;
  readonly payload: Uint8Array;
};

/**
 * Writes what the ledger has decided as the arguments of ledger_commit, with what else is to be
 * stored.
 * Arrays are written by hand, as PostgreSQL reads them: it is the cheapest way in that was
 * measured, since all of it fits in one statement (COPY doesn't, JSON takes a third longer).
 */
export function encodeCommit(
  { shard, epoch }: Fence,
  changes: Changes,
  others: Others = {},
): EncodedCommit {
  const { transfers, touched, opened, closed, lastSeq, lastAtUs } = changes;
  return [
    shard,
    epoch,
    SHARD_LEASE_MS * 1000,
    lastSeq - transfers.length,
    lastSeq,
    lastAtUs,
    MAX_EVENT_TRANSFERS,
    ...transferColumns.map((read) => toArray(transfers, read)),
    ...accountColumns.map((read) => toArray(touched, read)),
    toArray(opened, ({ atUs }) => atUs),
    toArray(closed, ({ atUs }) => atUs),
    toOthers(changes, others),
    others.told?.at(0)?.slot ?? null,
    others.told?.at(-1)?.slot ?? null,
  ];
}

type Cell = string | number | bigint;

const transferColumns: readonly ((row: StoredTransfer) => Cell)[] = [
  (row) => row.atUs,
  (row) => row.debitSlot,
  (row) => row.creditSlot,
  (row) => row.debitVersion,
  (row) => row.creditVersion,
  (row) => (row.pendingId === ZERO_ID ? "null" : row.pendingAtUs),
  (row) => row.revertsAtUs ?? "null",
  (row) => row.timeoutSeconds,
  (row) => row.ledger,
  (row) => row.code,
  (row) => row.flags,
  (row) => row.kind,
  (row) => row.id,
  (row) => row.userData,
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

const columnCount = 7 + transferColumns.length + accountColumns.length + 5;
const places = Array.from({ length: columnCount }, (_, index) => `$${index + 1}`);
const statement = `select ledger_commit(${places.join()}) as now_us`;

/** The cells hold digits and nothing else, so that none needs quotes. */
function toArray<R>(rows: readonly R[], read: (row: R) => Cell): string {
  let text = "{";
  for (const row of rows) text += text === "{" ? read(row) : `,${read(row)}`;
  return `${text}}`;
}

function toOthers({ accounts, transfers, failed }: Changes, others: Others): string | null {
  const { replies = [], assets = [], events = [], monitors = [], endedMonitors = [] } = others;
  const referring = transfers.filter(({ reference = "" }) => reference !== "");
  const reverting = transfers.filter(({ revertsAtUs }) => revertsAtUs !== undefined);
  const byHand = toByHand(others);
  const lists = [
    accounts,
    failed,
    replies,
    assets,
    events,
    referring,
    reverting,
    monitors,
    endedMonitors,
  ];
  if (lists.every(({ length }) => length === 0) && byHand === undefined) return null;
  return JSON.stringify({
    by_hand: byHand,
    assets,
    accounts: accounts.map(toAccountRow),
    references: referring.map(({ atUs, reference }) => ({ at_us: atUs, reference })),
    reverts: reverting.map(({ atUs, revertsAtUs }) => ({
      original_at_us: revertsAtUs,
      at_us: atUs,
    })),
    failed: failed.map(({ id, atUs, status }) => ({ id, at_us: atUs, status })),
    replies: replies.map(toReplyRow),
    events: events.map(toEventRow),
    ...(monitors.length + endedMonitors.length > 0 && {
      monitors: { kept: monitors.map(toMonitorRow), ended: endedMonitors },
    }),
  });
}

function toReplyRow({ principal, method, key, hash, code, reply }: KeptReply) {
  return { principal, method, key, hash: toBytea(hash), code, reply: toBytea(reply) };
}

function toEventRow({ stream, eventId, subject, key, seq, traceparent, payload }: OutboxEvent) {
  const name = { stream, event_id: eventId, subject, key };
  return { ...name, seq, traceparent, payload: toBytea(payload) };
}

function toAccountRow(account: Account) {
  return {
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
  };
}

function toBytea(bytes: Uint8Array): string {
  return `\\x${bytes.toHex()}`;
}
