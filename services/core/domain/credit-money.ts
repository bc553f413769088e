import { MAX_CHARGE_UNITS } from "#mesh/limits.ts";
import { fromMinor, toMinor } from "#mesh/money.ts";
import { fail } from "../errors.ts";

/** An amount in major units, as the wire has it. */
export type Money = { readonly asset: string; readonly amount: string };

/** The asset that credit is counted in and withdrawals are paid in. */
export const CREDIT_ASSET = "IRR";

/**
 * Reads money as minor units of the asset of credit. Throws ASSET_NOT_ACCEPTED, INVALID_AMOUNT, and
 * AMOUNT_TOO_LARGE for what can only be a slip of the finger.
 */
export function fromMoney({ asset, amount }: Money): bigint {
  if (asset !== CREDIT_ASSET) throw fail("ASSET_NOT_ACCEPTED", { asset, accepted: CREDIT_ASSET });
  const minor = toMinor(amount, SCALE);
  if (minor > MAX_CHARGE_UNITS * 10n ** BigInt(SCALE)) {
    throw fail("AMOUNT_TOO_LARGE", { amount, most: MAX_CHARGE_UNITS });
  }
  return minor;
}

/** The same for what has to be more than zero. */
export function fromPositiveMoney(money: Money): bigint {
  const minor = fromMoney(money);
  if (minor === 0n) throw fail("INVALID_AMOUNT", { amount: money.amount });
  return minor;
}

/** Reads a plain amount of a setting, such as "5000.00"; throws what a good one is. */
export function parseRials(text: string): bigint {
  if (!/^(?:0|[1-9]\d{0,11})(?:\.\d{1,2})?$/.test(text)) throw new Error("must be like 5000.00");
  return toMinor(text, SCALE);
}

/** Writes minor units of the asset of credit as money. */
export function toMoney(minor: bigint): Money {
  return { asset: CREDIT_ASSET, amount: fromMinor(minor, SCALE) };
}

/** The decimals of the asset of credit, a number of the ledger. */
export const SCALE = 2;
