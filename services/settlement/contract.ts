import { OperationsService } from "#gen/mizan/settlement/v1/operations_service_pb.ts";
import { PayoutService } from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { ReconciliationService } from "#gen/mizan/settlement/v1/reconciliation_service_pb.ts";
import { implemented } from "#mesh/service.ts";
import type { Settlement } from "./context.ts";
import type { Engine } from "./engine/engine.ts";
import { operationsService } from "./rpc/operations-service.ts";
import { payoutService } from "./rpc/payout-service.ts";
import { reconciliationService } from "./rpc/reconciliation-service.ts";

/** What settlement serves. */
export const contract = (settlement: Settlement, engine: Engine) => [
  implemented(PayoutService, payoutService(settlement, engine)),
  implemented(ReconciliationService, reconciliationService(settlement)),
  implemented(OperationsService, operationsService(settlement)),
];
