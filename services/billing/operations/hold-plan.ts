import type { ConnectError } from "@connectrpc/connect";
import { isDecision } from "#mesh/errors.ts";
import { ZERO_ID } from "#mesh/ids.ts";
import type { Id } from "../domain/account.ts";
import type { HoldIds } from "../domain/hold.ts";

/** What a function returns, or the decision that it throws; other errors go on. */
export function decisionOr<T>(attempt: () => T): T | ConnectError {
  try {
    return attempt();
  } catch (error) {
    if (isDecision(error)) return error;
    throw error;
  }
}

/** The ids that have to be known before a call about a hold is decided. */
export function idsOf(ids: HoldIds): { readonly id: Id; readonly pendingId: Id }[] {
  return Object.values<Id>(ids).map((id) => ({ id, pendingId: ZERO_ID }));
}

/** How many events a call has; one that is refused as a whole still takes a turn. */
export function countOf(links: readonly number[]): number {
  return links.reduce((sum, own) => sum + own, 0) || 1;
}
