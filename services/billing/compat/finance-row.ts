import type { HandlerContext } from "@connectrpc/connect";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { compatRow } from "#mesh/compat/row.ts";
import { DEFAULT_PAGE_SIZE } from "#mesh/limits.ts";
import { fromMinor } from "#mesh/money.ts";
import { uuidOf } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import { HOUSE_ASSET } from "../domain/chart.ts";
import type { Entry } from "../domain/wallet.ts";
import { listBalances } from "../operations/list-balances.ts";
import { listEntries } from "../operations/list-entries.ts";
import { boundsOf } from "../rpc/bounds.ts";

/**
 * The path by which people of a replaced exchange read what happened to their money: the newest of
 * one currency, or of all together.
 */
export const financeRow = (billing: Billing) =>
  compatRow({
    path: "/api/history/finance",
    verb: "GET",
    method: WalletService.method.listEntries,
    toRequest: (fields) => ({ asset: fields.text("currency") || HOUSE_ASSET }),
    answer: async ({ request, fields, context }) => {
      const assets = fields.text("currency") === "" ? undefined : [request.asset];
      const entries = await newest(billing, assets, context);
      return entries.map((entry) => toRow(billing, entry));
    },
    errors: { key: "detail", fields: { UNKNOWN_ASSET: "currency", asset: "currency" } },
  });

async function newest(
  billing: Billing,
  wanted: readonly string[] | undefined,
  context: HandlerContext,
): Promise<Entry[]> {
  const [ownerId, bounds] = [personOf(context.values).id, boundsOf(context)];
  const codes = wanted ?? (await assetsOf(billing, ownerId, bounds));
  const all: Entry[] = [];
  for (const asset of codes) {
    const page = { ownerId, asset, pageSize: DEFAULT_PAGE_SIZE, pageToken: "" };
    all.push(...(await listEntries(billing, page, bounds)).rows);
  }
  return all.toSorted((one, other) => other.atUs - one.atUs).slice(0, DEFAULT_PAGE_SIZE);
}

async function assetsOf(billing: Billing, ownerId: string, bounds: ReturnType<typeof boundsOf>) {
  const balances = await listBalances(billing, ownerId, bounds);
  return balances.map(({ ledger }) => billing.assets.ofLedger(ledger).code);
}

function toRow({ assets }: Billing, { balance, amountMinor, side, ...entry }: Entry) {
  const { code: currency, scale } = assets.ofLedger(balance.ledger);
  const sign = side === "debit" ? "-" : "";
  return {
    id: uuidOf(entry.id),
    currency,
    type: entry.type,
    amount: sign + fromMinor(amountMinor, scale),
    balance: fromMinor(balance.availableMinor + balance.heldMinor, scale),
    reference: entry.reference,
    created_at: new Date(entry.atUs / 1000).toISOString(),
  };
}
