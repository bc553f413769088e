import { derivedId } from "#mesh/ids.ts";
import type { Memory } from "./memory.ts";
import { endPending } from "./end-pending.ts";
import { TransferKinds } from "./transfer.ts";

/**
 * Ends the pending transfers that are due at the memory's time, in the order of their expiry, each
 * by a row of its own; no more than a limit. Returns how many.
 */
export function expirePendings(memory: Memory, limit = Number.POSITIVE_INFINITY): number {
  let count = 0;
  while (count < limit) {
    const due = memory.pendings.first();
    if (due === undefined || due.expiresAtUs > memory.nowUs) break;
    const { id, amount, userData } = due.row;
    const ending = { kind: TransferKinds.EXPIRE, flags: 0, amount, userData, reference: undefined };
    endPending(memory, due.row, { id: derivedId(`transfer/expire/${id}`), ...ending });
    count += 1;
  }
  return count;
}
