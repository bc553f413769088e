import { create } from "@bufbuild/protobuf";
import { type Market } from "#gen/mizan/matching/v1/market_pb.ts";
import { MarketChangedSchema } from "#gen/mizan/matching/v1/events_pb.ts";
import { append } from "#mesh/events/outbox.ts";
import type { Queries } from "./store/tables.ts";

/** Tells of a market that was listed or has changed, in the transaction that changes its row. */
export async function marketChanged(tx: Queries, market: Market, reason = ""): Promise<void> {
  const event = create(MarketChangedSchema, { market, reason });
  await append(tx, MarketChangedSchema, event, { key: market.symbol, token: market.symbol });
}
