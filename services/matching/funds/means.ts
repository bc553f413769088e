import type { Client } from "@connectrpc/connect";
import type { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import type { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import type { Database } from "#mesh/database/connect.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import type { Markets } from "../domain/markets.ts";
import type { Fence } from "../store/unused-holds.ts";
import type { Tables } from "../store/tables.ts";
import type { Writer } from "../writer/writer-api.ts";

/** What it takes to look after the money of orders. */
export type FundsMeans = {
  readonly db: Database<Tables>;
  readonly log: Pick<Log, "error" | "warn" | "info">;
  readonly metrics: Metrics;
  /** Where money is held and freed. */
  readonly holds: Pick<Client<typeof HoldService>, "createHolds" | "releaseHolds" | "listHolds">;
  /** Where it is told what accounts have. */
  readonly ledger: Pick<Client<typeof LedgerService>, "lookupAccounts">;
  readonly writer: Pick<Writer, "burn" | "engine" | "epoch" | "flushed" | "onBatch">;
  readonly markets: Pick<Markets, "all" | "byNumber">;
  readonly shard: Fence["shard"];
  /** How old a hold without an order is before it is given up. */
  readonly orphanAgeMs: number;
};

/** How many decimals an asset has that some market trades. */
export function scaleOf({ markets }: Pick<FundsMeans, "markets">, asset: string): number {
  for (const { base, quote, units } of markets.all()) {
    if (base === asset) return units.baseDecimals;
    if (quote === asset) return units.quoteDecimals;
  }
  throw new Error(`no market trades ${asset}`);
}
