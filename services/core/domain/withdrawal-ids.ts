import { derivedId, uuidOf } from "#mesh/ids.ts";

/** The credit of a merchant on the ledger, as billing names it: 32 hex digits (ACC-6). */
export function creditAccountId(merchantId: string): string {
  return derivedId(`account/merchant/${merchantId}/credit`);
}

/** The transfer on the ledger that takes the money of a withdrawal, as billing names it (FLOW-10). */
export function takingTransferId(id: string): string {
  return derivedId(`transfer/mwd/${id}/pool-post`);
}

/** The refund of a withdrawal that the bank has sent back; there is one at most (FLOW-12). */
export function refundIdOf(id: string): string {
  return uuidOf(derivedId(`withdrawal-return/${id}`));
}

/** When a withdrawal was asked for, in epoch milliseconds: its id is a UUIDv7 and tells. */
export function askedAtMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The id before all those of withdrawals that were asked for at a time, in epoch milliseconds. */
export function firstIdAt(ms: number): string {
  const whole = Math.min(Math.max(Math.ceil(ms), 0), LAST_MS);
  const hex = whole.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The id that no withdrawal has: all others are before it. */
export const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** What the 48 bits of a UUIDv7 can tell. */
const LAST_MS = 2 ** 48 - 1;
