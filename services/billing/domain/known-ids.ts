import { strict as assert } from "node:assert";
import { ZERO_ID } from "#mesh/ids.ts";
import type { Id } from "./account.ts";
import type { Memory } from "./memory.ts";
import { type BurnedId, type NewTransfer, type StoredTransfer, TransferKinds } from "./transfer.ts";

/** Finds the ids that memory has not, but the store may have; an id may be named twice. */
export function findUnknownIds(
  memory: Memory,
  events: readonly Pick<NewTransfer, "id" | "pendingId">[],
): Id[] {
  const unknown: Id[] = [];
  for (const { id, pendingId } of events) {
    if (!isKnown(memory, id)) unknown.push(id);
    if (pendingId !== ZERO_ID && !isKnown(memory, pendingId)) unknown.push(pendingId);
  }
  return unknown;
}

/** Takes in what the store has. Memory, which is ahead of it, believes itself first. */
export function learn(
  memory: Memory,
  rows: readonly StoredTransfer[],
  failed: readonly BurnedId[],
) {
  for (const decided of [...rows, ...failed]) {
    if (isKnown(memory, decided.id)) continue;
    const isOpen =
      "kind" in decided && decided.kind === TransferKinds.PENDING && !decided.resolution;
    assert(!isOpen, "open pending transfers are in memory from the start");
    memory.recent.add(decided);
  }
}

/** Whether memory has an id, of a transfer or of a refusal that burned it. */
export function isKnown(memory: Memory, id: Id): boolean {
  return memory.pendings.find(id) !== undefined || memory.recent.find(id) !== undefined;
}
