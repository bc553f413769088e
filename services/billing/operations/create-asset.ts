import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Billing } from "../context.ts";
import type { Asset } from "../domain/asset.ts";
import { fail } from "../errors.ts";
import { once } from "../writer/once.ts";
import type { Turn } from "../writer/work.ts";
import type { Answer } from "./move-by-hand.ts";
import { openHouse } from "./open-house-accounts.ts";

/**
 * Begins to count an asset, and opens the accounts of the house for it in the same commit. One that
 * is counted already is answered as if it was new. Throws ASSET_EXISTS for another scale: that
 * never changes.
 */
export async function createAsset<S extends DescMessage>(
  { writer }: Billing,
  wanted: Omit<Asset, "ledger">,
  { call, schema, toMessage, ...bounds }: Answer<S, Asset>,
): Promise<MessageShape<S>> {
  const effect = (turn: Turn) => {
    const { register } = turn;
    const asset = register.assets.byCode(wanted.code) ?? register.count(wanted);
    const { code, scale } = asset;
    if (scale !== wanted.scale) throw fail("ASSET_EXISTS", { code, scale });
    openHouse(turn, asset);
    return toMessage(asset);
  };
  return writer.submit({ ...bounds, eventCount: 1, ...once(schema, call, effect) });
}
