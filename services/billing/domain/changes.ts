import type { Account } from "./account.ts";
import { type Memory, noChanges } from "./memory.ts";
import type { FailedTransfer, StoredTransfer } from "./transfer.ts";

/**
 * What one commit has to store. The accounts are those of the ledger's memory: read their counters
 * before the next call that changes them.
 */
export type Changes = {
  /** The new accounts, with the counters that they have by now. */
  readonly accounts: readonly Account[];
  /** The new rows, by seq and without a gap from the last take. */
  readonly transfers: readonly StoredTransfer[];
  /** The other accounts whose counters or flags have changed, each once. */
  readonly touched: readonly Account[];
  /** The new pending transfers that are still open. */
  readonly opened: readonly StoredTransfer[];
  /** The pending transfers of earlier takes that were resolved. */
  readonly closed: readonly StoredTransfer[];
  /** The ids that were burned (IDEM-3). */
  readonly failed: readonly FailedTransfer[];
  readonly lastSeq: number;
  /** The time of the last row, in microseconds since 1970. */
  readonly lastAtUs: number;
};

/** Hands over what has happened since the take before, and begins anew. */
export function takeChanges(memory: Memory): Changes {
  const { changes, lastSeq, lastAtUs } = memory;
  const firstSeq = lastSeq - changes.transfers.length + 1;
  memory.changes = noChanges();
  memory.take += 1;
  memory.recent.rotate();
  return {
    ...changes,
    opened: changes.opened.filter(({ resolution }) => resolution === undefined),
    closed: changes.closed.filter(({ seq }) => seq < firstSeq),
    lastSeq,
    lastAtUs,
  };
}
