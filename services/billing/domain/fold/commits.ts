import { numbersOf } from "./columns.ts";
import type { Report } from "./fault.ts";
import type { FoldRows } from "./rows.ts";
import type { Texts } from "./texts.ts";

/** The columns of a commit, under their names in the table. */
export const commitColumns = ["first_seq", "last_seq", "at_us"] as const;

/** Some commits in their order. */
export type CommitTexts = Texts<(typeof commitColumns)[number]>;

/** Where the commits end that were seen so far. */
export type CommitsEnd = { lastSeq: number };

/**
 * Each commit begins where the one before has ended, and has the time of its last transfer. Takes
 * the commits that end with one of the given transfers.
 */
export function checkCommits(end: CommitsEnd, texts: CommitTexts, rows: FoldRows, report: Report) {
  const { count } = texts;
  const [firsts, lasts, times] = commitColumns.map((name) => numbersOf(texts.columns[name], count));
  for (let at = 0; at < count; at += 1) {
    const [first, last, atUs] = [firsts![at]!, lasts![at]!, times![at]!];
    const tell = (field: string, seq: number, expected: number, found: number) => {
      const values = { expected: String(expected), found: String(found) };
      report({ slot: 0, seq, field: `ledger_commit.${field}`, ...values });
    };
    const next = end.lastSeq + 1;
    if (first !== next) tell("first_seq", next, next, first);
    const place = last - rows.seq[0]!;
    const isThere = rows.seq[place] === last; // where a transfer is missing, that was told
    if (isThere && rows.atUs[place] !== atUs) tell("at_us", last, rows.atUs[place]!, atUs);
    end.lastSeq = last;
  }
}
