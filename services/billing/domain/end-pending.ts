import type { Id } from "./account.ts";
import type { Memory } from "./memory.ts";
import { recordTransfer, setClosed, touch } from "./record-transfer.ts";
import { sidesOf } from "./find-transfer.ts";
import { type Resolution, type StoredTransfer, TransferFlags, TransferKinds } from "./transfer.ts";

/** What ends a pending transfer; all else is inherited from it (TRF-2). */
export type Ending = {
  readonly id: Id;
  readonly kind: number;
  readonly flags: number;
  readonly amount: bigint;
  readonly userData: Id;
  readonly reference: string | undefined;
};

/** Ends an open pending transfer: what was held is freed, and what is posted is moved (TRF-3). */
export function endPending(
  memory: Memory,
  pending: StoredTransfer,
  ending: Ending,
): StoredTransfer {
  const sides = sidesOf(memory, pending);
  const { debit, credit } = sides;
  touch(memory, debit);
  touch(memory, credit);
  debit.debitsPending -= pending.amount;
  credit.creditsPending -= pending.amount;
  if (ending.kind === TransferKinds.POST) {
    debit.debitsPosted += ending.amount;
    credit.creditsPosted += ending.amount;
  }
  if ((pending.flags & TransferFlags.CLOSING_DEBIT) !== 0) setClosed(debit, false);
  if ((pending.flags & TransferFlags.CLOSING_CREDIT) !== 0) setClosed(credit, false);
  const { id: pendingId, atUs: pendingAtUs, code, ledger } = pending;
  const inherited = { pendingId, pendingAtUs, code, ledger, timeoutSeconds: 0, reverts: undefined };
  const row = recordTransfer(memory, { ...ending, ...inherited }, sides);
  pending.resolution = resolutions[ending.kind]!;
  memory.pendings.remove(pendingId);
  memory.recent.add(pending);
  memory.recent.add(row);
  memory.changes.closed.push(pending);
  return row;
}

const resolutions: Readonly<Record<number, Resolution>> = {
  [TransferKinds.POST]: "posted",
  [TransferKinds.VOID]: "voided",
  [TransferKinds.EXPIRE]: "expired",
};
