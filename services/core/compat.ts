import type { CompatRow } from "#mesh/compat/row.ts";
import type { Verifier } from "#mesh/token-verifier.ts";
import { merchantRows } from "./compat/merchant-rows.ts";
import { notificationRow } from "./compat/notification-row.ts";
import { sessionRows } from "./compat/session-rows.ts";
import { withdrawalRow } from "./compat/withdrawal-row.ts";

/** The paths of replaced systems that are kept. */
export function compat(verifier: Pick<Verifier, "access">): readonly CompatRow[] {
  return [...sessionRows(verifier), ...merchantRows, withdrawalRow, notificationRow];
}
