import { toMinor } from "#mesh/money.ts";
import { CREDIT_ASSET, SCALE } from "./credit-money.ts";

/**
 * Reads the amount of credit above which two administrators have to agree (S10), such as
 * "IRR=1000000000.00", in minor units; throws what a good one is.
 */
export function parseFourEyes(text: string): bigint {
  const [, asset, amount = ""] = pattern.exec(text) ?? [];
  if (asset !== CREDIT_ASSET) throw new Error("must be like IRR=1000000000.00");
  return toMinor(amount, SCALE);
}

const pattern = /^([A-Z]+)=((?:0|[1-9]\d{0,19})(?:\.\d{1,2})?)$/;
