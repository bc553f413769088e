import { counterOf, type Side, Sides } from "./book.ts";
import { findGap, noteDifference, VERSION } from "./differences.ts";
import type { SideRows } from "./rows.ts";
import type { Fold, Step } from "./state.ts";
import { textOf } from "./tell.ts";
import { isSame, valueOf, type Wides } from "./wide.ts";

/** The counters and the version stored with a transfer are those that the transfers lead to. */
export function checkAfter(fold: Fold, step: Step, side: Side): void {
  const { book, differences } = fold;
  const { rows, at } = step;
  const isDebit = side === Sides.DEBIT;
  const slot = isDebit ? step.debit : step.credit;
  const stored = isDebit ? rows.debit : rows.credit;
  const place = counterOf(slot, side);
  const isRight =
    book.version[slot] === stored.version[at] &&
    isSame(book.counters, place, stored.pendingAfter, at) &&
    isSame(book.counters, place + 1, stored.postedAfter, at);
  const isNoted = differences.size > 0 && differences.has(slot);
  if ((!isRight || isNoted) && slot !== 0) tellDifferences(fold, step, slot, side);
  book.lastSeq[slot] = rows.seq[at]!;
}

/** Slow, and rare. */
function tellDifferences(fold: Fold, { rows, at, report }: Step, slot: number, side: Side): void {
  const { book } = fold;
  const name = side === Sides.DEBIT ? "debit" : "credit";
  const { version, pendingAfter, postedAfter }: SideRows = rows[name];
  const [expected, found] = [book.version[slot]!, version[at]!];
  const own = rows.seq[at]!;
  const seq = (found > expected ? findGap(fold, slot, own) : undefined) ?? own;
  if (noteDifference(fold, slot, VERSION, BigInt(found - expected))) {
    const texts = { expected: String(expected), found: String(found) };
    report({ slot, seq, field: `${name}_version`, ...texts });
  }
  const compare = (field: string, place: number, column: Wides) => {
    const counter = counterOf(slot, side) + place;
    if (!noteDifference(fold, slot, side + place, minus(column, at, book.counters, counter)))
      return;
    const texts = { expected: textOf(book.counters, counter), found: textOf(column, at) };
    report({ slot, seq, field: `${name}_${field}`, ...texts });
  };
  compare("pending_after", 0, pendingAfter);
  compare("posted_after", 1, postedAfter);
}

/** An amount less another; undefined when one is no number. */
export function minus(one: Wides, at: number, other: Wides, place: number): bigint | undefined {
  const [left, right] = [valueOf(one, at), valueOf(other, place)];
  return left === undefined || right === undefined ? undefined : left - right;
}
