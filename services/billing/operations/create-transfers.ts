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
      const events = requests.map((request) => toEvent(request, assets, ledger));
      return ledger.createTransfers(events, atUs).map((result) => withView(result, ledger));
    },
  });
}

function toEvent(request: TransferRequest, assets: Assets, ledger: Ledger): NewTransfer {
  const isLeftOut = request.asset === "";
  const asset = isLeftOut ? inherited(request, assets, ledger) : assets.byCode(request.asset);
  const number = isLeftOut ? 0 : (asset?.ledger ?? NO_LEDGER);
  return { ...request, ledger: number, amount: toAmount(request, asset) };
}

/** The asset of the transfer that a post or void ends, which alone tells what its amount means. */
function inherited({ id, pendingId }: TransferRequest, assets: Assets, ledger: Ledger) {
  const known = ledger.transfer(pendingId) ?? ledger.transfer(id);
  return known && assets.ofLedger(known.ledger);
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
