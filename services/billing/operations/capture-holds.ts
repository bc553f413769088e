import type { Billing } from "../context.ts";
import { TransferFlags } from "../domain/transfer.ts";
import type { Bounds } from "../writer/work.ts";
import { type EndedHold, endHolds } from "./end-holds.ts";
import type { HoldOutcome, Refusals } from "./hold-outcome.ts";

/**
 * Takes reserved money, all or a part, and frees the rest (FLOW-3). A hold is captured at most
 * once; one that comes again has the outcome of its first time.
 */
export async function captureHolds(
  billing: Billing,
  call: { readonly service: string; readonly holds: readonly EndedHold[] },
  bounds: Bounds,
): Promise<HoldOutcome[]> {
  return endHolds(
    billing,
    { ...call, leg: "capture", flags: TransferFlags.POST_PENDING, refusals },
    bounds,
  );
}

const refusals: Refusals = {
  exists_with_different_amount: "HOLD_ALREADY_CAPTURED",
  exceeds_pending_transfer_amount: "HOLD_EXCEEDED",
};
