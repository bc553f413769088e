import { numbersOf, widesOf } from "./columns.ts";
import type { Texts } from "./texts.ts";
import type { Wides } from "./wide.ts";

/** The columns of a transfer that the fold needs, under their names in the table. */
export const foldedColumns = [
  "seq",
  "at_us",
  "kind",
  "ledger",
  "flags",
  "debit_slot",
  "credit_slot",
  "amount",
  "pending_at_us",
  "reverts_at_us",
  "timeout_seconds",
  "debit_version",
  "debit_pending_after",
  "debit_posted_after",
  "credit_version",
  "credit_pending_after",
  "credit_posted_after",
] as const;

/** Some transfers in the order of their times. */
export type TransferTexts = Texts<(typeof foldedColumns)[number]>;

/** What a transfer says of one of its accounts. */
export type SideRows = {
  readonly slot: Float64Array;
  readonly version: Float64Array;
  readonly pendingAfter: Wides;
  readonly postedAfter: Wides;
};

/** Some transfers as numbers. */
export type FoldRows = {
  readonly count: number;
  readonly seq: Float64Array;
  readonly atUs: Float64Array;
  readonly kind: Float64Array;
  readonly ledger: Float64Array;
  readonly flags: Float64Array;
  readonly pendingAtUs: Float64Array;
  readonly revertsAtUs: Float64Array;
  readonly timeoutSeconds: Float64Array;
  readonly amount: Wides;
  readonly debit: SideRows;
  readonly credit: SideRows;
};

/** Reads transfers. */
export function readRows({ count, columns }: TransferTexts): FoldRows {
  const side = (name: "debit" | "credit"): SideRows => ({
    slot: numbersOf(columns[`${name}_slot`], count),
    version: numbersOf(columns[`${name}_version`], count),
    pendingAfter: widesOf(columns[`${name}_pending_after`], count),
    postedAfter: widesOf(columns[`${name}_posted_after`], count),
  });
  return {
    count,
    seq: numbersOf(columns.seq, count),
    atUs: numbersOf(columns.at_us, count),
    kind: numbersOf(columns.kind, count),
    ledger: numbersOf(columns.ledger, count),
    flags: numbersOf(columns.flags, count),
    pendingAtUs: numbersOf(columns.pending_at_us, count),
    revertsAtUs: numbersOf(columns.reverts_at_us, count),
    timeoutSeconds: numbersOf(columns.timeout_seconds, count),
    amount: widesOf(columns.amount, count),
    debit: side("debit"),
    credit: side("credit"),
  };
}
