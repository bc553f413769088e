import type { Id } from "./account.ts";
import type { Memory } from "./memory.ts";
import type { Sides, StoredTransfer } from "./transfer.ts";

/** Finds a stored transfer in memory. */
export function findTransfer(memory: Memory, id: Id): StoredTransfer | undefined {
  const open = memory.pendings.find(id);
  if (open !== undefined) return open;
  const decided = memory.recent.find(id);
  return decided !== undefined && "seq" in decided ? decided : undefined;
}

/** The accounts of a stored transfer. */
export function sidesOf({ accounts }: Memory, { debitSlot, creditSlot }: StoredTransfer): Sides {
  return { debit: accounts.at(debitSlot)!, credit: accounts.at(creditSlot)! };
}
