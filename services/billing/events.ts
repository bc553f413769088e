import { create, toBinary } from "@bufbuild/protobuf";
import {
  AssetCreatedSchema,
  AuditFinishedSchema,
  BalanceCrossedSchema,
  ChainHeadSignedSchema,
  type PostedSide,
  PostedSideSchema,
  TradeSettlementRefusedSchema,
  TransferPostedSchema,
} from "#gen/mizan/billing/v1/events_pb.ts";
import type { TransferKind } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { append, type OutboxRow, outboxRow } from "#mesh/events/outbox.ts";
import { bytesOf, uuidOf, ZERO_ID } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Account } from "./domain/account.ts";
import type { Asset, Assets } from "./domain/asset.ts";
import type { Crossing } from "./domain/monitor.ts";
import type { Audit, Discrepancy } from "./domain/audit.ts";
import type { ChainHead } from "./domain/chain.ts";
import type { StoredTransfer } from "./domain/transfer.ts";
import { toMonitor, toSigned } from "./rpc/monitor-messages.ts";
import { toAudit, toDiscrepancy } from "./rpc/audit-messages.ts";
import { toChainHead } from "./rpc/chain-messages.ts";
import type { Tx } from "./store/tables.ts";

/** The account of a transfer, as far as an event shows it. None of it ever changes. */
export type PostedAccount = Pick<Account, "id" | "ledger" | "code" | "userData">;

/** Transfers of one commit, in the order of their numbers and without a gap. */
export type PostedTransfers = {
  readonly shard: number;
  readonly transfers: readonly StoredTransfer[];
  /** The accounts that were opened since the event before. */
  readonly opened: readonly PostedAccount[];
  /** Finds an account by its slot. */
  readonly accountOf: (slot: number) => PostedAccount;
};

/** Writes the event TransferPosted. The same transfers have the same bytes, whoever writes them. */
export function encodeTransferPosted(
  { shard, transfers, opened, accountOf }: PostedTransfers,
  assets: Assets,
): Uint8Array {
  const posted = transfers.map((transfer) => ({
    seq: BigInt(transfer.seq),
    id: bytesOf(transfer.id),
    kind: transfer.kind as TransferKind,
    code: transfer.code,
    amount: toMoney(transfer, assets),
    debit: toSide(accountOf(transfer.debitSlot)),
    credit: toSide(accountOf(transfer.creditSlot)),
    pendingId: transfer.pendingId === ZERO_ID ? nothing : bytesOf(transfer.pendingId),
    eventTime: toTime(transfer.atUs),
    userData: transfer.userData === ZERO_ID ? nothing : bytesOf(transfer.userData),
    debitVersion: BigInt(transfer.debitVersion),
    creditVersion: BigInt(transfer.creditVersion),
  }));
  const event = create(TransferPostedSchema, {
    shard,
    firstSeq: posted[0]!.seq,
    lastSeq: posted.at(-1)!.seq,
    transfers: posted,
    accounts: opened.map((account) => toOpened(account, assets)),
  });
  return toBinary(TransferPostedSchema, event);
}

/** Tells that the head of the hash chain was signed, if the transaction commits. */
export async function chainHeadSigned(tx: Tx, head: ChainHead): Promise<void> {
  const event = create(ChainHeadSignedSchema, { head: toChainHead(head) });
  const shard = String(head.shard);
  await append(tx, ChainHeadSignedSchema, event, { key: shard, seq: head.seq, token: shard });
}

/** Tells that an audit has ended, with what it has found, if the transaction commits. */
export async function auditFinished(
  tx: Tx,
  shard: number,
  audit: Audit,
  found: readonly Discrepancy[],
): Promise<void> {
  const discrepancies = found.map(toDiscrepancy);
  const event = create(AuditFinishedSchema, { shard, audit: toAudit(audit), discrepancies });
  await append(tx, AuditFinishedSchema, event, { key: String(shard), token: String(shard) });
}

function toOpened(account: PostedAccount, assets: Assets) {
  const { accountId, code, ownerId } = toSide(account);
  return { accountId, asset: assets.ofLedger(account.ledger).code, code, ownerId };
}

const nothing = new Uint8Array();

function toMoney({ ledger, amount }: StoredTransfer, assets: Assets) {
  const { code, scale } = assets.ofLedger(ledger);
  return { asset: code, amount: fromMinor(amount, scale) };
}

/** Made once for an account in memory, since most transfers have the accounts of others. */
function toSide(account: PostedAccount): PostedSide {
  const known = sides.get(account);
  if (known !== undefined) return known;
  const { id, code, userData } = account;
  const ownerId = userData === ZERO_ID ? "" : uuidOf(userData);
  const side = create(PostedSideSchema, { accountId: bytesOf(id), code, ownerId });
  sides.set(account, side);
  return side;
}

const sides = new WeakMap<PostedAccount, PostedSide>();

function toTime(atUs: number) {
  const seconds = Math.floor(atUs / 1_000_000);
  return { seconds: BigInt(seconds), nanos: (atUs - seconds * 1_000_000) * 1000 };
}

/** What a commit tells by the outbox, beside its transfers: new assets, and bounds that were crossed. */
export function eventsOf(
  created: readonly Asset[],
  crossings: readonly Crossing[],
  assets: Assets,
): OutboxRow[] {
  if (created.length + crossings.length === 0) return none;
  return [
    ...created.map(assetCreated),
    ...crossings.map((crossing) => balanceCrossed(crossing, assets)),
  ];
}

const none: OutboxRow[] = [];

/** A trade that the ledger refuses. */
export type RefusedTrade = {
  readonly market: string;
  readonly tradeId: string;
  /** What the ledger says. */
  readonly status: string;
  /** How often it was tried, from 1. */
  readonly attempt: number;
};

/** Tells that a trade can't be booked (HOLD-5). */
export function tradeSettlementRefused({ tradeId, ...refused }: RefusedTrade): OutboxRow {
  const message = create(TradeSettlementRefusedSchema, { ...refused, tradeId: BigInt(tradeId) });
  const key = refused.market;
  return outboxRow(TradeSettlementRefusedSchema, { message, key, token: key });
}

function assetCreated({ code, scale }: Asset): OutboxRow {
  const message = create(AssetCreatedSchema, { code, scale });
  return outboxRow(AssetCreatedSchema, { message, key: code });
}

function balanceCrossed({ monitor, account, balanceMinor, seq }: Crossing, assets: Assets) {
  const asset = assets.ofLedger(account.ledger);
  const message = create(BalanceCrossedSchema, {
    monitor: toMonitor({ monitor, accountId: account.id, asset }),
    balance: toSigned(balanceMinor, asset),
    seq: BigInt(seq),
  });
  return outboxRow(BalanceCrossedSchema, { message, key: monitor.id, seq });
}
