import type { CompatRow } from "#mesh/compat/row.ts";
import { candlesRow } from "./compat/candles-row.ts";
import { orderRows } from "./compat/order-rows.ts";
import type { Matching } from "./context.ts";

/** The paths of the exchange that this service replaces. */
export function compat(matching: Pick<Matching, "markets" | "writer">): readonly CompatRow[] {
  return [...orderRows(matching), candlesRow];
}
