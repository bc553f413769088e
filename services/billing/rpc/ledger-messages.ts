import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type AccountSchema,
  type AccountStatus as WireAccountStatus,
  type NewAccount,
} from "#gen/mizan/billing/v1/account_pb.ts";
import type {
  AccountBalancesSchema,
  AccountResultSchema,
  GetBalanceAtRequest,
  RevertTransferRequest,
  TransferResultSchema,
} from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import {
  type NewTransfer,
  TransferKind,
  type TransferSchema,
  type TransferStatus as WireTransferStatus,
} from "#gen/mizan/billing/v1/transfer_pb.ts";
import { bytesOf, ZERO_ID } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import {
  type Account,
  type AccountResult,
  type AccountStatus,
  accountStatuses,
} from "../domain/account.ts";
import type { Assets } from "../domain/asset.ts";
import {
  type Balances,
  type NewRevert,
  type Resolution,
  revertStatuses,
  type TransferStatus,
  transferStatuses,
} from "../domain/transfer.ts";
import type { TransferView } from "../domain/transfer-view.ts";
import type { AccountRequest } from "../operations/create-accounts.ts";
import type { TransferOutcome, TransferRequest } from "../operations/create-transfers.ts";
import type { When } from "../operations/get-balance-at.ts";
import { fromCondition } from "./condition-messages.ts";
import { fromIdBytes, fromMoment, fromText, toTime } from "./messages.ts";

/** Reads an account to open. */
export function fromNewAccount({ id, userData, asset, code, flags }: NewAccount): AccountRequest {
  return {
    id: fromIdBytes(id, "id"),
    userData: fromIdBytes(userData, "user_data"),
    asset,
    code,
    flags,
  };
}

/** Reads a transfer to make. */
export function fromNewTransfer(transfer: NewTransfer): TransferRequest {
  const request: Writable<TransferRequest> = {
    id: fromIdBytes(transfer.id, "id"),
    debitAccountId: fromIdBytes(transfer.debitAccountId, "debit_account_id"),
    creditAccountId: fromIdBytes(transfer.creditAccountId, "credit_account_id"),
    pendingId: fromIdBytes(transfer.pendingId, "pending_id"),
    userData: fromIdBytes(transfer.userData, "user_data"),
    asset: transfer.asset,
    amount: transfer.amount,
    isAll: transfer.all,
    timeoutSeconds: transfer.timeoutSeconds,
    code: transfer.code,
    flags: transfer.flags,
  };
  const { conditions, expectedDebitVersion, expectedCreditVersion, reference } = transfer;
  if (reference !== "") request.reference = fromText(reference);
  if (conditions.length > 0) request.wishes = conditions.map(fromCondition);
  if (expectedDebitVersion !== undefined) {
    request.expectedDebitVersion = Number(expectedDebitVersion);
  }
  if (expectedCreditVersion !== undefined) {
    request.expectedCreditVersion = Number(expectedCreditVersion);
  }
  return request;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Reads a transfer to revert. */
export function fromRevert(request: RevertTransferRequest): NewRevert {
  return {
    id: fromIdBytes(request.id, "id"),
    originalId: fromIdBytes(request.originalId, "original_id"),
    ...(request.reference !== "" && { reference: fromText(request.reference) }),
  };
}

/** Reads the moment of a balance; a number that is larger than any is of the future all the same. */
export function fromWhen({ moment }: Pick<GetBalanceAtRequest, "moment">): When {
  if (moment.case === "time") return { atUs: fromMoment(moment.value) };
  return { seq: Number(moment.value ?? 0n) };
}

/** Writes what became of an account of a request. */
export function toAccountResult({ status, account }: AccountResult, index: number) {
  const result = {
    index,
    status: accountNumbers[status],
    ...(account && { createTime: toTime(account.createdAtUs) }),
  };
  return result satisfies MessageInitShape<typeof AccountResultSchema>;
}

/** Writes what became of a transfer of a request. */
export function toTransferResult(assets: Assets, outcome: TransferOutcome, index: number) {
  const { status, view, debit, credit } = outcome;
  const scale = view === undefined ? 0 : assets.ofLedger(view.transfer.ledger).scale;
  const result = {
    index,
    status: transferNumbers[status],
    ...(view && { transfer: toTransfer(assets, view) }),
    ...(debit && { debitBalances: toBalances(debit, scale) }),
    ...(credit && { creditBalances: toBalances(credit, scale) }),
  };
  return result satisfies MessageInitShape<typeof TransferResultSchema>;
}

/** Writes an account. */
export function toAccount(assets: Assets, account: Readonly<Account>) {
  const { code, scale } = assets.ofLedger(account.ledger);
  const message = {
    id: bytesOf(account.id),
    asset: code,
    code: account.code,
    flags: account.flags,
    userData: bytesOf(account.userData),
    ...toBalances(account, scale),
    createTime: toTime(account.createdAtUs),
  };
  return message satisfies MessageInitShape<typeof AccountSchema>;
}

/** Writes a stored transfer. */
export function toTransfer(assets: Assets, view: TransferView) {
  const { transfer, debitAccountId, creditAccountId } = view;
  const { code, scale } = assets.ofLedger(transfer.ledger);
  const message = {
    id: bytesOf(transfer.id),
    seq: BigInt(transfer.seq),
    kind: transfer.kind as TransferKind,
    debitAccountId: bytesOf(debitAccountId),
    creditAccountId: bytesOf(creditAccountId),
    asset: code,
    amount: fromMinor(transfer.amount, scale),
    pendingId: transfer.pendingId === ZERO_ID ? nothing : bytesOf(transfer.pendingId),
    timeoutSeconds: Math.min(transfer.timeoutSeconds, MAX_INT32),
    code: transfer.code,
    flags: transfer.flags,
    userData: bytesOf(transfer.userData),
    createTime: toTime(transfer.atUs),
    revertsId: transfer.revertsId === undefined ? nothing : bytesOf(transfer.revertsId),
    reference: transfer.reference ?? "",
    resolvedBy: transfer.resolution ? resolvers[transfer.resolution] : TransferKind.UNSPECIFIED,
    debitVersion: BigInt(transfer.debitVersion),
    creditVersion: BigInt(transfer.creditVersion),
  };
  return message satisfies MessageInitShape<typeof TransferSchema>;
}

const resolvers = {
  posted: TransferKind.POST,
  voided: TransferKind.VOID,
  expired: TransferKind.EXPIRE,
} as const satisfies Record<Resolution, TransferKind>;

const nothing = new Uint8Array();

/** Holds may have longer timeouts than the wire can tell: 68 years stand for those. */
const MAX_INT32 = 2 ** 31 - 1;

/** Writes the counters of an account. */
export function toBalances(counters: Balances, scale: number) {
  const balances = {
    debitsPending: fromMinor(counters.debitsPending, scale),
    debitsPosted: fromMinor(counters.debitsPosted, scale),
    creditsPending: fromMinor(counters.creditsPending, scale),
    creditsPosted: fromMinor(counters.creditsPosted, scale),
    version: BigInt(counters.version),
  };
  return balances satisfies MessageInitShape<typeof AccountBalancesSchema>;
}

/** The numbers of the wire are the places in the order of precedence, from 1. */
function numbered<S extends string, N extends number>(statuses: readonly S[]) {
  const numbers = statuses.map((status, place) => [status, place + 1]);
  return Object.fromEntries(numbers) as Readonly<Record<S, N>>;
}

const accountNumbers = numbered<AccountStatus, WireAccountStatus>(accountStatuses);
const transferNumbers = numbered<TransferStatus, WireTransferStatus>([
  ...transferStatuses,
  ...revertStatuses,
]);
