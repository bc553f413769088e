import type { Asset, Assets } from "../domain/asset.ts";
import { HOUSE_ASSET } from "../domain/chart.ts";
import { fail } from "../errors.ts";

/** The asset of the pool and of credits; throws UNKNOWN_ASSET when another one is meant. */
export function houseAsset(assets: Assets, code: string = HOUSE_ASSET): Asset {
  if (code !== HOUSE_ASSET) throw fail("UNKNOWN_ASSET", { asset: code });
  return assets.byCode(HOUSE_ASSET)!;
}
