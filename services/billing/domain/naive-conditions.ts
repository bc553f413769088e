import type { Condition } from "./condition.ts";
import type { Sides } from "./transfer.ts";

/** Whether the balance that a condition names is as it says. */
export function holds({ side, field, op, amountMinor }: Condition, after: Sides): boolean {
  const account = after[side];
  const posted = account.creditsPosted - account.debitsPosted;
  const available = posted - account.debitsPending;
  const balance = { posted, available, incoming: account.creditsPending }[field];
  if (balance === amountMinor) return op === "eq" || op === "gte" || op === "lte";
  return balance > amountMinor ? op === "gt" || op === "gte" : op === "lt" || op === "lte";
}
