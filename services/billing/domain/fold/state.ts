import type { Report } from "./fault.ts";
import type { FoldBook } from "./book.ts";
import type { FoldPendings } from "./pendings.ts";
import type { FoldRows } from "./rows.ts";

/** What a fold has made of the transfers so far, and what it knows to be wrong with them. */
export type Fold = {
  readonly book: FoldBook;
  readonly pendings: FoldPendings;
  /** Mirrors by the transfers that they take back, both by their times (EXT-3). */
  readonly reverted: Map<number, number>;
  /** The number and the time of the last transfer that was folded. */
  lastSeq: number;
  lastAtUs: number;
  /** The numbers of transfers that are missing: of a stretch the first. */
  readonly gaps: number[];
  /** By slot, how far the stored counters and the version are off, so that it is told once. */
  readonly differences: Map<number, (bigint | undefined)[]>;
  /** The accounts whose broken limit was told. */
  readonly overdrawn: Set<number>;
};

/** A transfer that another one takes back, as far as the two have to agree. */
export type Original = {
  readonly kind: number;
  readonly ledger: number;
  readonly debitSlot: number;
  readonly creditSlot: number;
  readonly amount: bigint;
  /** Whether it takes one back itself. */
  readonly isRevert: boolean;
};

/** What folding needs besides the transfers. */
export type FoldContext = {
  /** The transfers that some of the rows take back, by their times. */
  readonly originals: ReadonlyMap<number, Original>;
  readonly report: Report;
};

/** The row that is being folded; one of these goes through all rows, since they are millions. */
export type Step = FoldContext & {
  readonly rows: FoldRows;
  at: number;
  /** The slots of its accounts, 0 where there is no such account. */
  debit: number;
  credit: number;
  /** The place of the pending transfer that it resolves. */
  pending: number;
};
