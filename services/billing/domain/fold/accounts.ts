import { AccountFlags } from "../account.ts";
import { numbersOf, widesOf } from "./columns.ts";
import type { Report } from "./fault.ts";
import { minus } from "./after.ts";
import { counterOf, makeRoom, Sides } from "./book.ts";
import { findGap, knownDifference, VERSION } from "./differences.ts";
import type { Fold } from "./state.ts";
import { textOf } from "./tell.ts";
import type { Texts } from "./texts.ts";
import { isSame, type Wides } from "./wide.ts";

/** The columns of an account that tell what it is, under their names in the table. */
export const factColumns = ["slot", "ledger", "flags"] as const;

/** The columns of the four counters, in their order: see counterOf. */
const counterColumns = [
  "debits_pending",
  "debits_posted",
  "credits_pending",
  "credits_posted",
] as const;

/** What accounts are. */
export type FactTexts = Texts<(typeof factColumns)[number]>;

/** The columns of an account that are compared. */
export const accountColumns = [...factColumns, ...counterColumns, "version"] as const;

/** Accounts with their counters. */
export type AccountTexts = Texts<(typeof accountColumns)[number]>;

/** Takes in what accounts are, before the transfers that touch them. */
export function learnAccounts({ book }: Fold, { count, columns }: FactTexts): void {
  const [slots, ledgers, flags] = factColumns.map((name) => numbersOf(columns[name], count));
  for (let at = 0; at < count; at += 1) {
    const slot = slots![at]!;
    makeRoom(book, slot);
    book.ledger[slot] = ledgers![at]!;
    book.limits[slot] = flags![at]!;
  }
}

/** Compares stored accounts with what all transfers make of them. */
export function compareAccounts(fold: Fold, { count, columns }: AccountTexts, report: Report) {
  const { book } = fold;
  const [slots, versions, flags] = (["slot", "version", "flags"] as const).map((name) => {
    return numbersOf(columns[name], count);
  });
  const counters = counterColumns.map((name) => widesOf(columns[name], count));
  for (let at = 0; at < count; at += 1) {
    const slot = slots![at]!;
    const account = { slot, at, version: versions![at]!, flags: flags![at]!, counters };
    const place = counterOf(slot, Sides.DEBIT);
    const isRight =
      account.version === book.version[slot] &&
      isClosed(account) === book.isClosed[slot] &&
      counters.every((column, counter) => isSame(column, at, book.counters, place + counter));
    if (!isRight) tellAccount(fold, account, report);
  }
}

/** A row of the columns of stored accounts. */
type StoredAccount = {
  readonly slot: number;
  readonly at: number;
  readonly version: number;
  readonly flags: number;
  readonly counters: readonly Wides[];
};

function isClosed({ flags }: StoredAccount): number {
  return (flags & AccountFlags.CLOSED) === 0 ? 0 : 1;
}

/** Tells where an account differs, but for what the last transfer that touched it told already. */
function tellAccount(fold: Fold, account: StoredAccount, report: Report): void {
  const { book } = fold;
  const { slot, at, version, counters } = account;
  const folded = book.version[slot]!;
  const gap = version > folded ? findGap(fold, slot, fold.lastSeq + 1) : undefined;
  const seq = gap ?? book.lastSeq[slot]!;
  const tell = (field: string, expected: string | number, found: string | number) => {
    const texts = { expected: String(expected), found: String(found) };
    report({ slot, seq, field: `account.${field}`, ...texts });
  };
  const isNew = (place: number, difference: bigint | undefined) => {
    return difference !== 0n && difference !== knownDifference(fold, slot, place);
  };
  if (isNew(VERSION, BigInt(version - folded))) tell("version", folded, version);
  if (isClosed(account) !== book.isClosed[slot]) {
    tell("closed", book.isClosed[slot]!, isClosed(account));
  }
  for (const [counter, column] of counters.entries()) {
    const place = counterOf(slot, Sides.DEBIT) + counter;
    if (!isNew(counter, minus(column, at, book.counters, place))) continue;
    tell(counterColumns[counter]!, textOf(book.counters, place), textOf(column, at));
  }
}
