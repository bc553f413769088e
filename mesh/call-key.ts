import { MAX_LOGGED_KEY_LENGTH } from "./limits.ts";
import { mask } from "./mask.ts";

/**
 * Shows the key of a call, masked and shortened, in plain letters: callers may write anything into it
 * (S12), such as what no database takes.
 */
export function shownKey(key: string): string {
  if (key === "" || plain.test(key)) return key;
  const masked = mask(key)
    .replaceAll(/\d{9,}/g, "[number]")
    .replaceAll(/[^!-~]/g, "?");
  return masked.length > MAX_LOGGED_KEY_LENGTH
    ? `${masked.slice(0, MAX_LOGGED_KEY_LENGTH - 1)}…`
    : masked;
}

/** Most keys are UUIDs, which tell nothing; a mask would take some of their digits for others. */
const plain = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
