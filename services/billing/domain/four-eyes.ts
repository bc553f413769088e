import { toMinor } from "#mesh/money.ts";
import type { Asset } from "./asset.ts";

/**
 * By the codes of assets, the amount above which two administrators have to agree (S10), in units
 * of 10^-18; whoever is not in it needs one only.
 */
export type FourEyes = ReadonlyMap<string, bigint>;

/** Reads limits such as "IRR=1000000000.00 USDT=50000"; throws what a good one is. */
export function parseFourEyes(text: string): FourEyes {
  const limits = new Map<string, bigint>();
  for (const part of text.split(/[\s,]+/)) {
    const [, code = "", amount = ""] = pattern.exec(part) ?? [];
    if (code === "" || limits.has(code)) {
      throw new Error("must be like IRR=1000000000.00 USDT=50000, each asset once");
    }
    limits.set(code, toMinor(amount, SCALE));
  }
  return limits;
}

/** Whether an amount of an asset, in its minor units, needs two administrators. */
export function needsTwo(limits: FourEyes, { code, scale }: Asset, amountMinor: bigint): boolean {
  const limit = limits.get(code);
  return limit !== undefined && amountMinor * 10n ** BigInt(SCALE - scale) > limit;
}

/** The most decimals that an asset has: a limit can be set before its asset is there. */
const SCALE = 18;

const pattern = /^([A-Z][A-Z0-9]{1,11})=((?:0|[1-9]\d{0,19})(?:\.\d{1,18})?)$/;
