import type { ServiceImpl } from "@connectrpc/connect";
import type { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import type { Billing } from "../context.ts";
import { listAssets } from "../operations/list-assets.ts";

/** Answers AssetService. */
export const assetService = (billing: Billing): ServiceImpl<typeof AssetService> => ({
  listAssets: () => ({ assets: listAssets(billing).map(({ code, scale }) => ({ code, scale })) }),
});
