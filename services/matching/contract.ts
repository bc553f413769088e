import { MarketAdminService } from "#gen/mizan/matching/v1/market_admin_service_pb.ts";
import { MarketService } from "#gen/mizan/matching/v1/market_service_pb.ts";
import { OperationsService } from "#gen/mizan/matching/v1/operations_service_pb.ts";
import { OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { TriggerService } from "#gen/mizan/matching/v1/trigger_service_pb.ts";
import { implemented, type Served } from "#mesh/service.ts";
import type { Feeding } from "./context.ts";
import type { OrderMeans } from "./operations/order-means.ts";
import { marketAdminService } from "./rpc/market-admin-service.ts";
import { marketData } from "./rpc/market-data.ts";
import { listing } from "./rpc/market-service.ts";
import { operationsService } from "./rpc/operations-service.ts";
import { orderService } from "./rpc/order-service.ts";
import { triggerService } from "./rpc/trigger-service.ts";
import type { Tables } from "./store/tables.ts";

/** What matching serves. */
export const contract = (means: OrderMeans & Feeding): Served<Tables>["contract"] => [
  implemented(MarketService, { ...listing(means), ...marketData(means) }),
  implemented(OrderService, orderService(means)),
  implemented(TriggerService, triggerService(means)),
  implemented(MarketAdminService, marketAdminService(means)),
  implemented(OperationsService, operationsService(means)),
];
