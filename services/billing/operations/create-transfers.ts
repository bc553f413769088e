import { MAX_AMOUNT, toMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Asset, Assets } from "../domain/asset.ts";
import type { Condition } from "../domain/condition.ts";
import type { Ledger } from "../domain/ledger.ts";
import { checkMayPost } from "../domain/may-post.ts";
import { type NewTransfer, TransferFlags, type TransferResult } from "../domain/transfer.ts";
import { type TransferView, viewOf } from "../domain/transfer-view.ts";
import { fail } from "../errors.ts";
import type { Bounds, Turn } from "../writer/work.ts";
import { balancesOfThen } from "./balances-of-then.ts";
import { NO_LEDGER } from "./create-accounts.ts";

/** A transfer to make, with its asset and its amount as the wire has them. */
export type TransferRequest = Omit<NewTransfer, "ledger" | "amount" | "conditions"> & {
  /** Empty where a post or void leaves it to the pending transfer. */
  readonly asset: string;
  /** In major units; empty is zero. */
  readonly amount: string;
  /** Stands for as much as there is (TRF-1). */
  readonly isAll: boolean;
  /** The conditions of the transfer (EXT-1). */
  readonly wishes?: readonly Wish[];
};

/** A condition as the wire has it. */
export type Wish = Omit<Condition, "amountMinor"> & {
  /** In major units of the transfer's asset, with a sign where it is less than zero. */
  readonly amount: string;
};

/** What became of a transfer, with the accounts by id. */
export type TransferOutcome = TransferResult & { readonly view?: TransferView };

/** Who asks, and how: a dry run only tells what would become of the transfers (EXT-2). */
type Manner = Bounds & { readonly service?: string; readonly isDryRun?: boolean };

/**
 * Makes transfers in order; one outcome each (CHAIN-1). Throws INVALID_AMOUNT, before any is made,
 * for an amount with more decimals than its asset has, AMOUNT_TOO_LARGE, and NOT_ALLOWED for
 * accounts that are not the service's to move money between (HOLD-2).
 */
export async function createTransfers(
  { db, writer, assets }: Billing,
  requests: readonly TransferRequest[],
  { service = "", isDryRun = false, ...bounds }: Manner,
): Promise<readonly TransferOutcome[]> {
  const outcomes = await writer.submit({
    ...bounds,
    eventCount: requests.length,
    ids: requests,
    decide: ({ ledger, atUs }: Turn) => {
      const assetOf = assetsOf(requests, assets, ledger);
      const events = requests.map((request) => toEvent(request, assetOf));
      checkMayPost(service, ledger, events);
      const results = isDryRun ? ledger.dryRun(events, atUs) : ledger.createTransfers(events, atUs);
      return results.map((result) => withView(result, ledger));
    },
  });
  return balancesOfThen({ db }, outcomes);
}

/** Finds the asset of a transfer; throws nothing, since the ledger has a status for each mistake. */
type AssetOf = (request: TransferRequest) => Asset | undefined;

function toEvent(request: TransferRequest, assetOf: AssetOf): NewTransfer {
  const asset = assetOf(request);
  const ledger = request.asset === "" ? 0 : (asset?.ledger ?? NO_LEDGER);
  const event = { ...request, ledger, amount: toAmount(request, asset) };
  const { wishes } = request;
  return wishes === undefined ? event : { ...event, conditions: toConditions(wishes, asset) };
}

function toConditions(wishes: readonly Wish[], asset: Asset | undefined): Condition[] {
  return wishes.map(({ side, field, op, amount }) => {
    const minor = toMinor(amount.replace(/^-/, ""), asset?.scale ?? MAX_SCALE);
    return { side, field, op, amountMinor: amount.startsWith("-") ? -minor : minor };
  });
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

/** Adds the accounts by id to the transfer of a result. */
export function withView(result: TransferResult, ledger: Ledger): TransferOutcome {
  const { transfer } = result;
  return transfer ? { ...result, view: viewOf(transfer, (slot) => ledger.bySlot(slot)) } : result;
}
