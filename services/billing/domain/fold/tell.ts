import type { Step } from "./state.ts";
import { valueOf, type Wides } from "./wide.ts";

type Value = string | number | bigint;

/** Reports that something of the row is not what it has to be; of its account, or of none (0). */
export function tell(
  { rows, at, report }: Step,
  slot: number,
  field: string,
  [expected, found]: readonly [Value, Value],
): void {
  report({
    slot,
    seq: rows.seq[at]!,
    field,
    expected: String(expected),
    found: String(found),
  });
}

/** Writes an amount for people. */
export function textOf(column: Wides, at: number): string {
  return String(valueOf(column, at) ?? "NaN");
}
