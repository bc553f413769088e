import type { Client, HandlerContext } from "@connectrpc/connect";
import type { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import type { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import type { Database } from "#mesh/database/connect.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import type { Markets } from "./domain/markets.ts";
import type { Feed } from "./feed/feed.ts";
import type { Funds } from "./funds/funds.ts";
import type { Tables } from "./store/tables.ts";
import type { Writer } from "./writer/writer-api.ts";

/** What the operations of matching need. */
export type Matching = {
  /** For reads of what is committed, and for the rows of markets. */
  readonly db: Database<Tables>;
  readonly log: Log;
  readonly metrics: Metrics;
  /** What is traded; it grows as markets are listed. */
  readonly markets: Markets;
  /** The books; all that decides about orders goes through it. */
  readonly writer: Writer;
  /** The money of orders. */
  readonly funds: Funds;
  /** Where it is told what is counted. */
  readonly assets: Pick<Client<typeof AssetService>, "listAssets">;
  /** Where it is told what somebody has. */
  readonly wallets: Pick<Client<typeof WalletService>, "listBalances">;
};

/** What those need who show what happens on the markets. */
export type Feeding = Pick<Matching, "db" | "log" | "metrics" | "markets" | "writer"> & {
  readonly feed: Feed;
};

/** What operations see of a call: who calls under which key, and when it is over. */
export type Call = Pick<HandlerContext, "values" | "signal">;
