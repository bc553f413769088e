import type { CompatRow } from "#mesh/compat/row.ts";
import { financeRow } from "./compat/finance-row.ts";
import { paymentRows } from "./compat/payment-rows.ts";
import { walletRows } from "./compat/wallet-rows.ts";
import type { Billing } from "./context.ts";

/** The paths of the systems that this service replaces. */
export function compat(billing: Billing): readonly CompatRow[] {
  return [...paymentRows, ...walletRows, financeRow(billing)];
}
