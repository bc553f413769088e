import { MAX_AMOUNT, toMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Asset, Assets } from "../domain/asset.ts";
import type { Ledger } from "../domain/ledger.ts";
import { type NewTransfer, TransferFlags, type TransferResult } from "../domain/transfer.ts";
import { type TransferView, viewOf } from "../domain/transfer-view.ts";
import { fail } from "../errors.ts";
import type { Bounds, Turn } from "../writer/work.ts";
import { NO_LEDGER } from "./create-accounts.ts";

/** A transfer to make, with its asset and its amount as the wire has them. */
export type TransferRequest = Omit<NewTransfer, "ledger" | "amount"> & {
  /** Empty where a post or void leaves it to the pending transfer. */
  readonly asset: string;
  /** In major units; empty is zero. */
  readonly amount: string;
  /** Stands for as much as there is (TRF-1). */
  readonly isAll: boolean;
};

/** What became of a transfer, with the accounts by id. */
export type TransferOutcome = TransferResult & { readonly view?: TransferView };

/**
 * Makes transfers in order; one outcome each (CHAIN-1). Throws INVALID_AMOUNT, before any is made,
 * for an amount with more decimals than its asset has.
 */
export async function createTransfers(
  { writer, assets }: Billing,
  requests: readonly TransferRequest[],
  bounds: Bounds,
): Promise<TransferOutcome[]> {
  return writer.submit({
    ...bounds,
    eventCount: requests.length,
    ids: requests,
    decide: ({ ledger, atUs }: Turn) => {
      const assetOf = assetsOf(requests, assets, ledger);
      const events = requests.map((request) => toEvent(request, assetOf));
      return ledger.createTransfers(events, atUs).map((result) => withView(result, ledger));
    },
  });
}

/** Finds the asset of a transfer; throws nothing, since the ledger has a status for each mistake. */
type AssetOf = (request: TransferRequest) => Asset | undefined;

function toEvent(request: TransferRequest, assetOf: AssetOf): NewTransfer {
  const asset = assetOf(request);
  const ledger = request.asset === "" ? 0 : (asset?.ledger ?? NO_LEDGER);
  return { ...request, ledger, amount: toAmount(request, asset) };
}

/**
 * Where a post or void leaves its asset out, that of the pending transfer alone tells what the
 * amount means; that one may be stored, or stand before it in the same request.
 */
function assetsOf(requests: readonly TransferRequest[], assets: Assets, ledger: Ledger): AssetOf {
  const isLeftOut = requests.some(({ asset }) => asset === "");
  const own = new Map(isLeftOut ? requests.map(({ id, asset }) => [id, asset]) : []);
  return ({ asset, id, pendingId }) => {
    if (asset !== "") return assets.byCode(asset);
    const known = ledger.transfer(pendingId) ?? ledger.transfer(id);
    return known ? assets.ofLedger(known.ledger) : assets.byCode(own.get(pendingId) ?? "");
  };
}

function toAmount({ amount, isAll, flags }: TransferRequest, asset: Asset | undefined): bigint {
  if (isAll && amount !== "") throw fail("INVALID_AMOUNT", { amount });
  if (isAll) return (flags & TransferFlags.VOID_PENDING) === 0 ? MAX_AMOUNT : 0n;
  return amount === "" ? 0n : toMinor(amount, asset?.scale ?? MAX_SCALE);
}

/** Where there is no asset the transfer is refused for that, whatever its amount. */
const MAX_SCALE = 18;

function withView(result: TransferResult, ledger: Ledger): TransferOutcome {
  const { transfer } = result;
  return transfer ? { ...result, view: viewOf(transfer, (slot) => ledger.bySlot(slot)) } : result;
}
