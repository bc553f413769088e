/** When a message was accepted, in epoch milliseconds: its id is a UUIDv7 and tells (DATA-1). */
export function acceptedAtMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The id before all those of messages that were accepted at a time, in epoch milliseconds. */
export function firstIdAt(ms: number): string {
  const whole = Math.min(Math.max(Math.ceil(ms), 0), LAST_MS);
  const hex = whole.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The id that no message has: all others are before it. */
export const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** What the 48 bits of a UUIDv7 can tell. */
const LAST_MS = 2 ** 48 - 1;
