import type { NewTransfer } from "./transfer.ts";

/**
 * The timeout of a transfer in seconds, given its own time; 0 is never. A wished moment is rounded
 * up to whole seconds, and one that has passed already to the next second, since 0 has a meaning.
 */
export function timeoutOf(event: NewTransfer, atUs: number): number {
  const { timeoutSeconds, expiresAtUs } = event;
  if (expiresAtUs === undefined) return timeoutSeconds;
  return Math.max(1, Math.ceil((expiresAtUs - atUs) / 1_000_000));
}

/** When a transfer of a time with a timeout expires, in microseconds since 1970; 0 is never. */
export function expiryOf(atUs: number, timeoutSeconds: number): number {
  return timeoutSeconds === 0 ? 0 : atUs + timeoutSeconds * 1_000_000;
}
