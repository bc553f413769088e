import type { Billing } from "../context.ts";
import type { Bounds } from "../writer/work.ts";
import { type EndedHold, endHolds } from "./end-holds.ts";
import type { HoldOutcome } from "./hold-outcome.ts";

/**
 * Takes reserved money (FLOW-3, FLOW-10, FLOW-20, FLOW-29), of a message or a purchase all or a part,
 * and frees the rest. A hold is captured at most once; one that comes again has the outcome of its
 * first time.
 */
export async function captureHolds(
  billing: Billing,
  call: { readonly service: string; readonly holds: readonly EndedHold[] },
  bounds: Bounds,
): Promise<HoldOutcome[]> {
  return endHolds(billing, { ...call, how: "capture" }, bounds);
}
