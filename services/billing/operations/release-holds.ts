import type { Billing } from "../context.ts";
import type { Bounds } from "../writer/work.ts";
import { type EndedHold, endHolds } from "./end-holds.ts";
import type { HoldOutcome } from "./hold-outcome.ts";

/**
 * Frees reserved money (FLOW-4, FLOW-11, FLOW-17, FLOW-21, FLOW-30). A hold that was captured can't
 * be released; one that comes again has the outcome of its first time.
 */
export async function releaseHolds(
  billing: Billing,
  call: { readonly service: string; readonly holds: readonly EndedHold[] },
  bounds: Bounds,
): Promise<HoldOutcome[]> {
  return endHolds(billing, { ...call, how: "release" }, bounds);
}
