import type { ServiceImpl } from "@connectrpc/connect";
import {
  type AssetService,
  CreateAssetResponseSchema,
} from "#gen/mizan/billing/v1/asset_service_pb.ts";
import type { Billing } from "../context.ts";
import type { Asset } from "../domain/asset.ts";
import { createAsset } from "../operations/create-asset.ts";
import { listAssets } from "../operations/list-assets.ts";
import { keyedBoundsOf } from "./bounds.ts";

/** Answers AssetService. */
export const assetService = (billing: Billing): ServiceImpl<typeof AssetService> => ({
  listAssets: () => ({ assets: listAssets(billing).map(toAsset) }),
  async createAsset({ code, scale = 0 }, context) {
    return createAsset(
      billing,
      { code, scale },
      {
        ...keyedBoundsOf(context),
        schema: CreateAssetResponseSchema,
        toMessage: (asset) => ({ asset: toAsset(asset) }),
      },
    );
  },
});

function toAsset({ code, scale }: Asset) {
  return { code, scale };
}
