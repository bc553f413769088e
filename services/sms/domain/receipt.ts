import { hasEnded, type MessageState } from "./message.ts";

/** What a provider says of a message; SENT is that the operator has it. */
export type ReceiptState = "DELIVERED" | "UNDELIVERED" | "SENT" | "FAILED";

/** What became of a receipt; LATE contradicts the end that the message has (DLR-5). */
export type ReceiptOutcome = "APPLIED" | "DUPLICATE" | "LATE" | "UNMATCHED";

/**
 * Which of the receipts of a message, in order of arrival, is to move it: the first that names an
 * end, unless the message has one. Undefined when none does.
 */
export function movingReceipt(
  state: MessageState,
  receipts: readonly ReceiptState[],
): number | undefined {
  const end = receipts.findIndex((receipt) => receipt !== "SENT");
  return end < 0 || hasEnded(state) ? undefined : end;
}

/**
 * What became of a receipt that did not move its message, which stands at `state` now; undefined
 * while the message is not where that can be told. That the operator has it changes nothing.
 */
export function idleOutcome(
  receipt: ReceiptState,
  state: MessageState,
): ReceiptOutcome | undefined {
  if (receipt === "SENT") return "APPLIED";
  if (receipt === state) return "DUPLICATE";
  return hasEnded(state) ? "LATE" : undefined;
}
