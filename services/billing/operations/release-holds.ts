import type { Billing } from "../context.ts";
import { TransferFlags } from "../domain/transfer.ts";
import type { Bounds } from "../writer/work.ts";
import { type EndedHold, endHolds } from "./end-holds.ts";
import type { HoldOutcome, Refusals } from "./hold-outcome.ts";

/**
 * Frees reserved money (FLOW-4). A hold that was captured can't be released; one that comes again
 * has the outcome of its first time.
 */
export async function releaseHolds(
  billing: Billing,
  call: { readonly service: string; readonly holds: readonly EndedHold[] },
  bounds: Bounds,
): Promise<HoldOutcome[]> {
  return endHolds(
    billing,
    { ...call, leg: "release", flags: TransferFlags.VOID_PENDING, refusals },
    bounds,
  );
}

const refusals: Refusals = {
  exists_with_different_amount: "HOLD_AMOUNT_DIFFERS",
  exceeds_pending_transfer_amount: "HOLD_AMOUNT_DIFFERS",
  pending_transfer_has_different_amount: "HOLD_AMOUNT_DIFFERS",
};
