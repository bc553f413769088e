import { MAX_CHARGE_UNITS } from "#mesh/limits.ts";
import { toMinor } from "#mesh/money.ts";
import type { Asset } from "../domain/asset.ts";
import { fail } from "../errors.ts";

/**
 * Reads an amount that a person has typed, in major units. Throws INVALID_AMOUNT, and
 * AMOUNT_TOO_LARGE: a slip of the finger must not fill an account, which takes no more at 2^128.
 */
export function amountByHand(amount: string, { scale }: Asset): bigint {
  const minor = toMinor(amount, scale);
  if (minor > MAX_CHARGE_UNITS * 10n ** BigInt(scale)) {
    throw fail("AMOUNT_TOO_LARGE", { amount, most: MAX_CHARGE_UNITS });
  }
  return minor;
}

/** The same for what has to be more than zero. */
export function positiveAmount(amount: string, asset: Asset): bigint {
  const minor = amountByHand(amount, asset);
  if (minor === 0n) throw fail("INVALID_AMOUNT", { amount });
  return minor;
}
