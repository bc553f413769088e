import type { CompatRow } from "#mesh/compat/row.ts";
import type { Matching } from "./context.ts";

/** The paths of the exchange that this service replaces. */
export function compat(_matching: Matching): readonly CompatRow[] {
  return [];
}
