import { strict as assert } from "node:assert";
import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import { burnTransient } from "./burn-id.ts";
import { applyChains, type ChainSteps } from "./chains.ts";
import { makeTransfer } from "./make-transfer.ts";
import type { Memory } from "./memory.ts";
import { compareTransfer } from "./compare-transfer.ts";
import { findTransfer } from "./find-transfer.ts";
import { resolvePending } from "./resolve-pending.ts";
import {
  type BurnedId,
  type NewTransfer,
  type StoredTransfer,
  TransferFlags,
  type TransferResult,
} from "./transfer.ts";
import { beginChain, keepChain, undoChain } from "./undo-log.ts";

/** Makes transfers in order, chain by chain (sections 4 to 6). */
export function createTransfers(memory: Memory, events: readonly NewTransfer[]): TransferResult[] {
  const steps: ChainSteps<NewTransfer, TransferResult> = {
    apply: (event) => createTransfer(memory, event),
    replay: (event) => replay(memory, event),
    refuse: (event, result) => refuse(memory, event, result),
    begin: () => beginChain(memory),
    keep: () => keepChain(memory),
    undo: () => undoChain(memory),
  };
  return applyChains(events, steps);
}

/**
 * Tells what would become of transfers: the same path as that of createTransfers, all of which is
 * undone as if it was one chain that failed (EXT-2). The results are those of now, since the rows of
 * memory go back to how they were.
 */
export function tryTransfers(memory: Memory, events: readonly NewTransfer[]): TransferResult[] {
  beginChain(memory);
  const results = createTransfers(memory, events).map(copyOf);
  undoChain(memory);
  return results;
}

function copyOf({ transfer, ...rest }: TransferResult): TransferResult {
  return transfer === undefined ? rest : { ...rest, transfer: { ...transfer } };
}

/** Throws for what the edge has to refuse, since a ledger that counted it would lose money. */
export function assertNumbers({ amount, timeoutSeconds }: NewTransfer) {
  if (amount < 0n || amount > MAX_AMOUNT) assert.fail(`${amount} is not an amount`);
  if (!Number.isSafeInteger(timeoutSeconds) || timeoutSeconds < 0) {
    assert.fail(`${timeoutSeconds} is not a timeout`);
  }
}

function replay(memory: Memory, event: NewTransfer): TransferResult | undefined {
  const row = findTransfer(memory, event.id);
  const isCopy = row !== undefined && compareTransfer(memory, event, row) === "exists";
  return isCopy ? { status: "exists", transfer: row } : undefined;
}

function createTransfer(memory: Memory, event: NewTransfer): TransferResult {
  if ((event.flags & ~known) !== 0) return { status: "reserved_flag" };
  if (event.id === ZERO_ID) return { status: "id_must_not_be_zero" };
  if (event.id === MAX_ID) return { status: "id_must_not_be_max" };
  const decided = memory.pendings.find(event.id) ?? memory.recent.find(event.id);
  if (decided !== undefined) return answerToCopy(memory, event, decided);
  const isEnding = (event.flags & (TransferFlags.POST_PENDING | TransferFlags.VOID_PENDING)) !== 0;
  return isEnding ? resolvePending(memory, event) : makeTransfer(memory, event);
}

const known = Object.values(TransferFlags).reduce<number>((all, flag) => all | flag, 0);

function answerToCopy(
  memory: Memory,
  event: NewTransfer,
  decided: StoredTransfer | BurnedId,
): TransferResult {
  if (!("seq" in decided)) return { status: "id_already_failed", failedWith: decided.status };
  const status = compareTransfer(memory, event, decided);
  return status === "exists" ? { status, transfer: decided } : { status };
}

/**
 * A refusal that another moment would not have given burns the id (IDEM-3). A copy of a transfer
 * that was undone with its chain has nothing to show.
 */
function refuse(memory: Memory, event: NewTransfer, result: TransferResult): TransferResult {
  const { status } = result;
  if (status === "exists") return replay(memory, event) ?? { status };
  burnTransient(memory, event.id, status);
  return result;
}
