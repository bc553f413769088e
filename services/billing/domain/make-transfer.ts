import { ZERO_ID } from "#mesh/ids.ts";
import { findUnmet, isConditional } from "./check-conditions.ts";
import {
  amountOf,
  findClosed,
  findMalformed,
  findMismatch,
  findOverdraft,
  findOverflow,
} from "./check-transfer.ts";
import { type Memory, nextAtUs } from "./memory.ts";
import {
  created,
  recordTransfer,
  setClosed,
  touch,
  type TransferEntry,
} from "./record-transfer.ts";
import { expiryOf, timeoutOf } from "./timeout.ts";
import {
  type NewTransfer,
  type Sides,
  TransferFlags,
  TransferKinds,
  type TransferResult,
} from "./transfer.ts";

/** Makes a single or pending transfer whose id is new, or says which rule is broken first. */
export function makeTransfer(memory: Memory, event: NewTransfer): TransferResult {
  const malformed = findMalformed(event);
  if (malformed !== undefined) return { status: malformed };
  const debit = memory.accounts.find(event.debitAccountId);
  if (debit === undefined) return { status: "debit_account_not_found" };
  const credit = memory.accounts.find(event.creditAccountId);
  if (credit === undefined) return { status: "credit_account_not_found" };
  const sides = { debit, credit };
  const isPending = (event.flags & TransferFlags.PENDING) !== 0;
  const amount = amountOf(event, sides);
  const refusal =
    findMismatch(event, sides) ??
    findClosed(sides) ??
    findOverflow(isPending, amount, sides) ??
    findLateTimeout(memory, event) ??
    findOverdraft(amount, sides) ??
    (isConditional(event) ? findUnmet(event, sides, effectOf(isPending, amount)) : undefined);
  if (refusal !== undefined) return { status: refusal };
  if (isPending) return hold(memory, event, amount, sides);
  return move(memory, entryOf(event, TransferKinds.SINGLE, amount, 0), sides);
}

function effectOf(isPending: boolean, amount: bigint) {
  return isPending ? { pending: amount, posted: 0n } : { pending: 0n, posted: amount };
}

/** An expiry that no timestamp can tell: the status 54. */
function findLateTimeout(memory: Memory, event: NewTransfer) {
  const atUs = nextAtUs(memory);
  const isTold = Number.isSafeInteger(expiryOf(atUs, timeoutOf(event, atUs)));
  return isTold ? undefined : "overflows_timeout";
}

/** Moves an amount at once, against which nothing speaks any more. */
export function move(memory: Memory, entry: TransferEntry, sides: Sides): TransferResult {
  const { debit, credit } = sides;
  touch(memory, debit);
  touch(memory, credit);
  debit.debitsPosted += entry.amount;
  credit.creditsPosted += entry.amount;
  const row = recordTransfer(memory, entry, sides);
  memory.recent.add(row);
  return created(row, sides);
}

function hold(memory: Memory, event: NewTransfer, amount: bigint, sides: Sides): TransferResult {
  const { debit, credit } = sides;
  const timeoutSeconds = timeoutOf(event, nextAtUs(memory));
  touch(memory, debit);
  touch(memory, credit);
  debit.debitsPending += amount;
  credit.creditsPending += amount;
  if ((event.flags & TransferFlags.CLOSING_DEBIT) !== 0) setClosed(debit, true);
  if ((event.flags & TransferFlags.CLOSING_CREDIT) !== 0) setClosed(credit, true);
  const entry = entryOf(event, TransferKinds.PENDING, amount, timeoutSeconds);
  const row = recordTransfer(memory, entry, sides);
  memory.pendings.add(row);
  memory.changes.opened.push(row);
  return created(row, sides);
}

function entryOf(event: NewTransfer, kind: number, amount: bigint, timeoutSeconds: number) {
  const { id, code, flags, ledger, userData, reference } = event;
  const entry = { id, kind, code, flags, ledger, amount, timeoutSeconds, userData, reference };
  return { ...entry, ...noOther };
}

/** What those have that resolve or revert another transfer. */
const noOther = { pendingId: ZERO_ID, pendingAtUs: 0, reverts: undefined };
