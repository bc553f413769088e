import { hexOf, ZERO_ID } from "#mesh/ids.ts";
import { type Resolution, type StoredTransfer, TransferKinds } from "../domain/transfer.ts";

/** 2 is the kind of pending transfers. */
const lookedUp = [
  `case when t.pending_at_us is not null then (
    select p.id from transfer p where p.at_us = t.pending_at_us) end as pending_id`,
  `case when t.reverts_at_us is not null then (
    select o.id from transfer o where o.at_us = t.reverts_at_us) end as reverts_id`,
  `(select r.at_us from transfer_revert r where r.original_at_us = t.at_us) as reverted_at_us`,
  `case when t.kind = 2 then (
    select r.kind from transfer r where r.pending_at_us = t.at_us and r.at_us > t.at_us
  ) end as resolving_kind`,
  "(select s.reference from transfer_reference s where s.at_us = t.at_us) as reference",
];

/** Selects transfers `t` as rows of TransferRow; what follows says which. */
export const selectTransfers = selectWith();

/**
 * The same with further columns. What stands in other rows is looked up row by row: a join might be
 * planned as one with all months.
 */
export function selectWith(...columns: string[]): string {
  return `select ${["t.*", ...lookedUp, ...columns].join()} from transfer t`;
}

/** A transfer as the store has it. */
export type TransferRow = {
  seq: number;
  id: string;
  kind: number;
  code: number;
  flags: number;
  ledger: number;
  debit_slot: number;
  credit_slot: number;
  amount: bigint;
  pending_id: string | null;
  pending_at_us: number | null;
  reverts_id: string | null;
  reverts_at_us: number | null;
  timeout_seconds: number;
  user_data: string;
  at_us: number;
  debit_version: number;
  debit_pending_after: bigint;
  debit_posted_after: bigint;
  credit_version: number;
  credit_pending_after: bigint;
  credit_posted_after: bigint;
  reference: string | null;
  /** When this one was taken back. */
  reverted_at_us: number | null;
  /** The kind of the transfer that resolved this one. */
  resolving_kind: number | null;
};

/** Reads a transfer of the store, with how it was resolved. */
export function fromTransferRow(row: TransferRow): StoredTransfer {
  const transfer: StoredTransfer = {
    seq: row.seq,
    id: hexOf(row.id),
    kind: row.kind,
    code: row.code,
    flags: row.flags,
    ledger: row.ledger,
    debitSlot: row.debit_slot,
    creditSlot: row.credit_slot,
    amount: row.amount,
    pendingId: row.pending_id === null ? ZERO_ID : hexOf(row.pending_id),
    pendingAtUs: row.pending_at_us ?? 0,
    timeoutSeconds: row.timeout_seconds,
    userData: hexOf(row.user_data),
    atUs: row.at_us,
    debitVersion: row.debit_version,
    debitPendingAfter: row.debit_pending_after,
    debitPostedAfter: row.debit_posted_after,
    creditVersion: row.credit_version,
    creditPendingAfter: row.credit_pending_after,
    creditPostedAfter: row.credit_posted_after,
    ...(row.reference !== null && { reference: row.reference }),
    ...(row.reverts_id !== null && { revertsId: hexOf(row.reverts_id) }),
    ...(row.reverts_at_us !== null && { revertsAtUs: row.reverts_at_us }),
  };
  if (row.reverted_at_us !== null) transfer.revertedAtUs = row.reverted_at_us;
  const resolution = resolutions[row.resolving_kind ?? 0];
  if (resolution !== undefined) transfer.resolution = resolution;
  return transfer;
}

const resolutions: Readonly<Record<number, Resolution>> = {
  [TransferKinds.POST]: "posted",
  [TransferKinds.VOID]: "voided",
  [TransferKinds.EXPIRE]: "expired",
};
