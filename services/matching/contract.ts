import type { ServiceImpl } from "@connectrpc/connect";
import { MarketService } from "#gen/mizan/matching/v1/market_service_pb.ts";
import { OperationsService } from "#gen/mizan/matching/v1/operations_service_pb.ts";
import { implemented, type Served } from "#mesh/service.ts";
import type { Matching } from "./context.ts";
import { listing } from "./rpc/market-service.ts";
import { operationsService } from "./rpc/operations-service.ts";
import type { Tables } from "./store/tables.ts";

/** What matching serves. */
export const contract = (matching: Matching): Served<Tables>["contract"] => [
  implemented(MarketService, { ...listing(matching) } as ServiceImpl<typeof MarketService>),
  implemented(OperationsService, operationsService(matching)),
];
