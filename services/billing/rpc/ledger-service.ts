import type { ServiceImpl } from "@connectrpc/connect";
import type { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import type { Billing } from "../context.ts";
import { createAccounts } from "../operations/create-accounts.ts";
import { createTransfers } from "../operations/create-transfers.ts";
import { listAccountTransfers } from "../operations/list-account-transfers.ts";
import { lookupAccounts } from "../operations/lookup-accounts.ts";
import { lookupTransfers } from "../operations/lookup-transfers.ts";
import { boundsOf } from "./bounds.ts";
import {
  fromNewAccount,
  fromNewTransfer,
  toAccount,
  toAccountResult,
  toTransfer,
  toTransferResult,
} from "./ledger-messages.ts";
import { fromIdBytes } from "./messages.ts";

/** Answers LedgerService. */
export const ledgerService = (billing: Billing): ServiceImpl<typeof LedgerService> => {
  const { assets } = billing;
  return {
    async createAccounts({ accounts }, context) {
      const requests = accounts.map(fromNewAccount);
      const results = await createAccounts(billing, requests, boundsOf(context));
      return { results: results.map(toAccountResult) };
    },
    async createTransfers({ transfers }, context) {
      const requests = transfers.map(fromNewTransfer);
      const outcomes = await createTransfers(billing, requests, boundsOf(context));
      return { results: outcomes.map((one, index) => toTransferResult(assets, one, index)) };
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
    async listAccountTransfers({ accountId, pageSize, pageToken }, context) {
      const list = { accountId: fromIdBytes(accountId, "account_id"), pageSize, pageToken };
      const { rows, nextPageToken } = await listAccountTransfers(billing, list, boundsOf(context));
      return { transfers: rows.map((view) => toTransfer(assets, view)), nextPageToken };
    },
  };
};
