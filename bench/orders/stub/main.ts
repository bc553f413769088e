// A ledger that agrees to everything at once and keeps nothing: with it in the place of billing one
// sees what orders cost without their holds.
import type { ServiceImpl } from "@connectrpc/connect";
import { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import { HoldState } from "#gen/mizan/billing/v1/hold_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { startGrpcServer } from "#mesh/grpc/server.ts";
import { openIdentity } from "#mesh/identity.ts";
import { MAX_BATCH_MESSAGE_BYTES } from "#mesh/limits.ts";
import { createLog } from "#mesh/log.ts";

const holds: Partial<ServiceImpl<typeof HoldService>> = {
  createHolds: (request) => ({
    results: request.holds.map(({ holdId }) => ({ holdId, state: HoldState.HELD })),
  }),
  releaseHolds: (request) => ({
    results: request.releases.map(({ holdId }) => ({ holdId, state: HoldState.RELEASED })),
  }),
  listHolds: () => ({ holds: [] }),
};

const assets: Partial<ServiceImpl<typeof AssetService>> = {
  listAssets: () => ({
    assets: [
      { code: "USDT", scale: 6 },
      { code: "ABAN", scale: 8 },
    ],
  }),
};

const { env } = process;
const log = createLog({ name: "stub", level: "error" });
const server = await startGrpcServer({
  host: "127.0.0.1",
  port: Number(env["PORT"]),
  identity: openIdentity({ folder: env["CERTS"]!, service: "billing", log }),
  contract: [
    { service: HoldService, implementation: holds },
    { service: AssetService, implementation: assets },
  ],
  interceptors: [], // who calls doesn't matter here
  maxMessageBytes: MAX_BATCH_MESSAGE_BYTES,
  hasReflection: false,
});
server.setServing(true);
process.on("SIGTERM", () => process.exit(0));
