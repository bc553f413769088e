import { toMinor } from "#mesh/money.ts";
import { type Assets, findMoney } from "../domain/asset.ts";
import type { Money } from "../domain/hold.ts";
import { fail } from "../errors.ts";

/** An amount as the wire has it, in major units. */
export type WireMoney = { readonly asset: string; readonly amount: string };

/** Reads money. Throws UNKNOWN_ASSET, also for credit lines, which are none, and INVALID_AMOUNT. */
export function readMoney(assets: Assets, { asset: code, amount }: WireMoney): Money {
  const asset = findMoney(assets, code);
  if (asset === undefined) throw fail("UNKNOWN_ASSET", { asset: code });
  return { asset, amountMinor: toMinor(amount, asset.scale) };
}
