import { hasAccount, type Side, Sides } from "./book.ts";
import type { Fold, Step } from "./state.ts";
import { tell } from "./tell.ts";
import { setValue } from "./wide.ts";

/** Each transfer follows the one before, in number and in time (TRF-6). */
export function checkPlace(fold: Fold, step: Step): void {
  const { rows, at, report } = step;
  const [seq, atUs, next] = [rows.seq[at]!, rows.atUs[at]!, fold.lastSeq + 1];
  if (seq !== next) {
    if (seq > next) fold.gaps.push(next);
    const texts = { expected: String(next), found: String(seq) };
    report({ slot: 0, seq: Math.min(seq, next), field: "seq", ...texts });
  }
  if (atUs <= fold.lastAtUs) tell(step, 0, "at_us", [`more than ${fold.lastAtUs}`, atUs]);
  fold.lastSeq = seq;
  fold.lastAtUs = atUs;
  if (Number.isNaN(rows.amount.low[at])) {
    tell(step, 0, "amount", ["a number", "NaN"]);
    setValue(rows.amount, at, 0n);
  }
}

/** The account of a side, which has to be there and of the ledger of the transfer; 0 for none. */
export function findSlot({ book }: Fold, step: Step, side: Side): number {
  const { rows, at } = step;
  const isDebit = side === Sides.DEBIT;
  const slot = (isDebit ? rows.debit : rows.credit).slot[at]!;
  if (!hasAccount(book, slot)) {
    tell(step, 0, isDebit ? "debit_slot" : "credit_slot", ["an account", slot]);
    return 0;
  }
  const ledger = book.ledger[slot]!;
  if (ledger !== rows.ledger[at]) tell(step, slot, "ledger", [ledger, rows.ledger[at]!]);
  return slot;
}
