import type { ContextValues, ServiceImpl } from "@connectrpc/connect";
import {
  ChargeAccountResponseSchema,
  ExportEntriesRequest_Format,
  type WalletService,
} from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { callerKey, personOf } from "#mesh/access.ts";
import type { Billing } from "../context.ts";
import { fail } from "../errors.ts";
import { chargeAccount } from "../operations/charge-account.ts";
import { exportEntries } from "../operations/export-entries.ts";
import { getBalance } from "../operations/get-balance.ts";
import { listBalances } from "../operations/list-balances.ts";
import { listEntries } from "../operations/list-entries.ts";
import { boundsOf, keyedBoundsOf, streamBoundsOf } from "./bounds.ts";
import { fromText, fromTime } from "./messages.ts";
import { fromEntryTypes, toBalance, toEntry } from "./wallet-messages.ts";

/** Answers WalletService. */
export const walletService = (billing: Billing): ServiceImpl<typeof WalletService> => ({
  async listBalances({ ownerId }, context) {
    const owner = ownerOf(ownerId, context.values);
    const balances = await listBalances(billing, owner, boundsOf(context));
    return { balances: balances.map((balance) => toBalance(billing.assets, balance)) };
  },
  async getBalance({ asset }, context) {
    const wallet = { ownerId: personOf(context.values).id, asset };
    const balance = await getBalance(billing, wallet, boundsOf(context));
    return { balance: toBalance(billing.assets, balance) };
  },
  async listEntries({ asset, pageSize, pageToken, ...filter }, context) {
    const list = {
      ownerId: personOf(context.values).id,
      asset,
      pageSize,
      pageToken,
      types: fromEntryTypes(filter.types),
      startUs: fromTime(filter.startTime),
      endUs: fromTime(filter.endTime),
      reference: fromText(filter.reference),
    };
    const { rows, nextPageToken } = await listEntries(billing, list, boundsOf(context));
    return { entries: rows.map((entry) => toEntry(billing.assets, entry)), nextPageToken };
  },
  async *exportEntries({ asset, format, startTime, endTime }, context) {
    const file = {
      ownerId: personOf(context.values).id,
      asset,
      format: format === ExportEntriesRequest_Format.JSON ? "json" : "csv",
      startUs: fromTime(startTime),
      endUs: fromTime(endTime),
    } as const;
    const pieces = exportEntries(billing, file, streamBoundsOf(context));
    for await (const piece of pieces) yield { piece };
  },
  async chargeAccount({ userId, amount, reference }, context) {
    const charge = { userId, ...amount!, reference: fromText(reference) };
    return chargeAccount(billing, charge, {
      ...keyedBoundsOf(context),
      schema: ChargeAccountResponseSchema,
      toMessage: (entry) => ({
        entry: toEntry(billing.assets, entry),
        balance: toBalance(billing.assets, entry.balance),
      }),
    });
  },
});

/** A service names the owner; a person sees the own money, and that of nobody else (S7). */
function ownerOf(ownerId: string, values: ContextValues): string {
  const caller = values.get(callerKey);
  if (caller?.kind === "service") {
    if (ownerId === "") throw fail("OWNER_REQUIRED");
    return ownerId;
  }
  const { id } = personOf(values);
  if (ownerId !== "" && ownerId !== id) throw fail("OWNER_NOT_FOUND", { owner_id: ownerId });
  return id;
}
