import { KEPT_DISCREPANCIES } from "#mesh/limits.ts";
import type { Fault, Report } from "../domain/fold/fault.ts";

/** What an audit has found: all is counted, and of some it is known what it is. */
export type Findings = {
  readonly report: Report;
  readonly count: () => number;
  /** Takes what was found since the last take and is to be kept. */
  readonly take: () => Fault[];
};

/** Nothing so far. */
export function createFindings(): Findings {
  let count = 0;
  let kept: Fault[] = [];
  return {
    report: (fault) => {
      if (count < KEPT_DISCREPANCIES) kept.push(fault);
      count += 1;
    },
    count: () => count,
    take: () => {
      const taken = kept;
      kept = [];
      return taken;
    },
  };
}
