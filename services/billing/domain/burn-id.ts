import type { Id } from "./account.ts";
import type { Memory } from "./memory.ts";
import { type TransferStatus, transientStatuses } from "./transfer.ts";

/** Burns the id of a refusal that another moment would not have given; no other's (IDEM-3). */
export function burnTransient(memory: Memory, id: Id, status: TransferStatus): void {
  if (!transientStatuses.has(status)) return;
  const failed = { id, status, atUs: memory.nowUs };
  memory.recent.add(failed);
  memory.changes.failed.push(failed);
}
