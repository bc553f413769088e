import type { Client, HandlerContext } from "@connectrpc/connect";
import type { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import type { Database } from "#mesh/database/connect.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import type { Markets } from "./domain/markets.ts";
import type { Tables } from "./store/tables.ts";

/** What the operations of matching need. */
export type Matching = {
  /** For reads of what is committed, and for the rows of markets. */
  readonly db: Database<Tables>;
  readonly log: Log;
  readonly metrics: Metrics;
  /** What is traded; it grows as markets are listed. */
  readonly markets: Markets;
  /** Where it is told what is counted. */
  readonly assets: Pick<Client<typeof AssetService>, "listAssets">;
};

/** What operations see of a call: who calls under which key, and when it is over. */
export type Call = Pick<HandlerContext, "values" | "signal">;
