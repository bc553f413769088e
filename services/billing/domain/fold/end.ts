import type { Report } from "./fault.ts";
import type { Fold } from "./state.ts";

/** Where the books say that their transfers end. */
export type End = { readonly lastSeq: number; readonly lastAtUs: number };

/** The transfers end where the books say so. Call it once all are folded, before the accounts. */
export function checkEnd(fold: Fold, { lastSeq, lastAtUs }: End, report: Report): void {
  const [expected, next] = [fold.lastSeq, fold.lastSeq + 1];
  const tell = (field: string, seq: number, values: readonly [number, number]) => {
    const [folded, found] = values.map(String) as [string, string];
    report({ slot: 0, seq, field: `ledger_shard.${field}`, expected: folded, found });
  };
  if (lastSeq !== expected) {
    if (lastSeq > expected) fold.gaps.push(next);
    tell("last_seq", next, [expected, lastSeq]);
  } else if (lastAtUs < fold.lastAtUs) {
    tell("last_at_us", expected, [fold.lastAtUs, lastAtUs]); // accounts that were opened are later
  }
}
