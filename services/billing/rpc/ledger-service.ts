import type { ServiceImpl } from "@connectrpc/connect";
import type { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import type { Billing } from "../context.ts";
import { createAccounts } from "../operations/create-accounts.ts";
import { createTransfers } from "../operations/create-transfers.ts";
import { getAccount } from "../operations/get-account.ts";
import { getBalanceAt } from "../operations/get-balance-at.ts";
import { listAccountTransfers } from "../operations/list-account-transfers.ts";
import { lookupAccounts } from "../operations/lookup-accounts.ts";
import { lookupTransfers } from "../operations/lookup-transfers.ts";
import { revertTransfer } from "../operations/revert-transfer.ts";
import { searchTransfers } from "../operations/search-transfers.ts";
import { boundsOf } from "./bounds.ts";
import {
  fromNewAccount,
  fromNewTransfer,
  fromRevert,
  fromWhen,
  toAccount,
  toAccountResult,
  toBalances,
  toTransfer,
  toTransferResult,
} from "./ledger-messages.ts";
import { fromIdBytes, fromText, fromTime } from "./messages.ts";
import { serviceOf } from "./service-of.ts";

/** Answers LedgerService. */
export const ledgerService = (billing: Billing): ServiceImpl<typeof LedgerService> => {
  const { assets } = billing;
  return {
    async createAccounts({ accounts }, context) {
      const requests = accounts.map(fromNewAccount);
      const manner = { ...boundsOf(context), service: serviceOf(context.values) };
      const results = await createAccounts(billing, requests, manner);
      return { results: results.map(toAccountResult) };
    },
    async createTransfers({ transfers, dryRun: isDryRun }, context) {
      const requests = transfers.map(fromNewTransfer);
      const service = serviceOf(context.values);
      const manner = { ...boundsOf(context), service, isDryRun };
      const outcomes = await createTransfers(billing, requests, manner);
      return { results: outcomes.map((one, index) => toTransferResult(assets, one, index)) };
    },
    async revertTransfer(request, context) {
      const outcome = await revertTransfer(billing, fromRevert(request), boundsOf(context));
      return { result: toTransferResult(assets, outcome, 0) };
    },
    async lookupAccounts({ accountIds }, context) {
      const ids = accountIds.map((id) => fromIdBytes(id, "account_ids"));
      const accounts = await lookupAccounts(billing, ids, boundsOf(context));
      return { accounts: accounts.map((account) => toAccount(assets, account)) };
    },
    async lookupTransfers({ transferIds }, context) {
      const ids = transferIds.map((id) => fromIdBytes(id, "transfer_ids"));
      const found = await lookupTransfers(billing, ids, boundsOf(context));
      return { transfers: found.map((view) => toTransfer(assets, view)) };
    },
    async getAccount({ accountId }, context) {
      const id = fromIdBytes(accountId, "account_id");
      const now = await getAccount(billing, id, boundsOf(context));
      return {
        account: toAccount(assets, now.account),
        asOfSeq: BigInt(now.asOfSeq),
        openPendings: now.openPendings.map((view) => toTransfer(assets, view)),
        openPendingCount: BigInt(now.openPendingCount),
      };
    },
    async getBalanceAt(request, context) {
      const accountId = fromIdBytes(request.accountId, "account_id");
      const wanted = { accountId, when: fromWhen(request) };
      const then = await getBalanceAt(billing, wanted, boundsOf(context));
      const { scale } = assets.ofLedger(then.ledger);
      return { balances: toBalances(then.balances, scale), asOfSeq: BigInt(then.asOfSeq) };
    },
    async searchTransfers({ pageSize, pageToken, code, ...request }, context) {
      const search = {
        pageSize,
        pageToken,
        code,
        reference: fromText(request.reference),
        accountId: fromIdBytes(request.accountId, "account_id"),
        userData: fromIdBytes(request.userData, "user_data"),
        startUs: fromTime(request.startTime),
        endUs: fromTime(request.endTime),
      };
      const { rows, nextPageToken } = await searchTransfers(billing, search, boundsOf(context));
      return { transfers: rows.map((view) => toTransfer(assets, view)), nextPageToken };
    },
    async listAccountTransfers({ accountId, pageSize, pageToken }, context) {
      const list = { accountId: fromIdBytes(accountId, "account_id"), pageSize, pageToken };
      const { rows, nextPageToken } = await listAccountTransfers(billing, list, boundsOf(context));
      return { transfers: rows.map((view) => toTransfer(assets, view)), nextPageToken };
    },
  };
};
