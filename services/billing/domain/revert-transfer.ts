import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import { burnTransient } from "./burn-id.ts";
import { findClosed, findOverdraft, findOverflow } from "./check-transfer.ts";
import { compareRevert } from "./compare-transfer.ts";
import { findTransfer, sidesOf } from "./find-transfer.ts";
import { move } from "./make-transfer.ts";
import type { Memory } from "./memory.ts";
import type { TransferEntry } from "./record-transfer.ts";
import {
  type BurnedId,
  type NewRevert,
  type StoredTransfer,
  TransferKinds,
  type TransferResult,
  type TransferStatus,
} from "./transfer.ts";

/**
 * Undoes a single transfer or a post by its mirror, once (EXT-3), or says which rule is broken
 * first. What the mirror takes back is judged like any other transfer: by closed accounts, room and
 * limits.
 */
export function revertTransfer(memory: Memory, revert: NewRevert): TransferResult {
  const result = tryRevert(memory, revert);
  burnTransient(memory, revert.id, result.status);
  return result;
}

function tryRevert(memory: Memory, revert: NewRevert): TransferResult {
  const { id, originalId } = revert;
  if (id === ZERO_ID) return { status: "id_must_not_be_zero" };
  if (id === MAX_ID) return { status: "id_must_not_be_max" };
  const decided = memory.pendings.find(id) ?? memory.recent.find(id);
  if (decided !== undefined) return answerToCopy(revert, decided);
  const original = findTransfer(memory, originalId);
  if (original === undefined) return { status: "original_not_found" };
  const { debit: credit, credit: debit } = sidesOf(memory, original);
  const sides = { debit, credit };
  const { amount } = original;
  const refusal =
    findIrreversible(original) ??
    findClosed(sides) ??
    findOverflow(false, amount, sides) ??
    findOverdraft(amount, sides);
  if (refusal !== undefined) return { status: refusal };
  const result = move(memory, mirrorOf(original, revert), sides);
  original.revertedAtUs = result.transfer!.atUs;
  return result;
}

function answerToCopy(revert: NewRevert, decided: StoredTransfer | BurnedId): TransferResult {
  if (!("seq" in decided)) return { status: "id_already_failed", failedWith: decided.status };
  const status = compareRevert(revert, decided);
  return status === "exists" ? { status, transfer: decided } : { status };
}

/**
 * Why there is nothing to revert, now and ever: the statuses 61 and 62. Of a capture that was
 * refunded some money is back already (FLOW-5).
 */
function findIrreversible(original: StoredTransfer): TransferStatus | undefined {
  const { kind, revertsId, revertedAtUs, refunded = 0n } = original;
  const hasMoved = kind === TransferKinds.SINGLE || kind === TransferKinds.POST;
  const isMirror = revertsId !== undefined;
  if (!hasMoved || isMirror || refunded > 0n) return "original_not_revertible";
  return revertedAtUs === undefined ? undefined : "already_reverted";
}

/** A single transfer whatever the original was; its reason and user data are those of that one. */
function mirrorOf(original: StoredTransfer, { id, reference }: NewRevert): TransferEntry {
  const { code, ledger, amount, userData } = original;
  const body = { id, kind: TransferKinds.SINGLE, code, flags: 0, ledger, amount, userData };
  const other = { pendingId: ZERO_ID, pendingAtUs: 0, reverts: original };
  return { ...body, ...other, timeoutSeconds: 0, reference };
}
