import { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import type { Mesh, Served } from "#mesh/service.ts";
import { compat } from "./compat.ts";
import type { settings } from "./config.ts";
import type { Matching } from "./context.ts";
import { contract } from "./contract.ts";
import { createMarkets } from "./domain/markets.ts";
import { readMarkets } from "./store/markets.ts";
import type { Tables } from "./store/tables.ts";

type MatchingMesh = Mesh<Tables, typeof settings>;

/** Runs the books of all markets as soon as no other process does; until then it stands by. */
export async function startMatching(mesh: MatchingMesh): Promise<Served<Tables>> {
  const { db, log, telemetry: metrics, clients } = mesh;
  const assets = clients.of(AssetService);
  const markets = createMarkets(await readMarkets(db.sql));
  const matching: Matching = { db, log, metrics, markets, assets };
  return { contract: contract(matching), compat: compat(matching) };
}
