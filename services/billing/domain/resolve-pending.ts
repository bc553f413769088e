import { ZERO_ID } from "#mesh/ids.ts";
import {
  findMalformedEnding,
  findOtherPending,
  findResolution,
  findWrongAmount,
  resolvedAmount,
} from "./check-ending.ts";
import { findUnmet, isConditional } from "./check-conditions.ts";
import { findClosed } from "./check-transfer.ts";
import { endPending } from "./end-pending.ts";
import { findTransfer, sidesOf } from "./find-transfer.ts";
import type { Memory } from "./memory.ts";
import { created } from "./record-transfer.ts";
import {
  type NewTransfer,
  type StoredTransfer,
  TransferFlags,
  TransferKinds,
  type TransferResult,
} from "./transfer.ts";

/** Posts or voids a pending transfer, or says which rule is broken first. */
export function resolvePending(memory: Memory, event: NewTransfer): TransferResult {
  const malformed = findMalformedEnding(event);
  if (malformed !== undefined) return { status: malformed };
  const pending = findTransfer(memory, event.pendingId);
  if (pending === undefined) return { status: "pending_transfer_not_found" };
  const sides = sidesOf(memory, pending);
  const isVoid = (event.flags & TransferFlags.VOID_PENDING) !== 0;
  const refusal =
    findOtherPending(event, pending, sides) ??
    findWrongAmount(event, pending) ??
    findResolution(pending) ??
    (isVoid ? undefined : findClosed(sides)) ??
    (isConditional(event) ? findUnmet(event, sides, effectOf(event, pending)) : undefined);
  if (refusal !== undefined) return { status: refusal };
  const row = endPending(memory, pending, {
    id: event.id,
    kind: isVoid ? TransferKinds.VOID : TransferKinds.POST,
    flags: event.flags,
    amount: resolvedAmount(event, pending),
    userData: event.userData === ZERO_ID ? pending.userData : event.userData,
    reference: event.reference,
  });
  return created(row, sides);
}

function effectOf(event: NewTransfer, pending: StoredTransfer) {
  const isVoid = (event.flags & TransferFlags.VOID_PENDING) !== 0;
  return { pending: -pending.amount, posted: isVoid ? 0n : resolvedAmount(event, pending) };
}
