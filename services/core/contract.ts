import { MerchantService } from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { NotificationService } from "#gen/mizan/core/v1/notification_service_pb.ts";
import { OperationsService } from "#gen/mizan/core/v1/operations_service_pb.ts";
import { RequestLogService } from "#gen/mizan/core/v1/request_log_service_pb.ts";
import { UserService } from "#gen/mizan/core/v1/user_service_pb.ts";
import { WithdrawalService } from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import { implemented } from "#mesh/service.ts";
import type { Core } from "./context.ts";
import { merchantService } from "./rpc/merchant-service.ts";
import { notificationService } from "./rpc/notification-service.ts";
import { operationsService } from "./rpc/operations-service.ts";
import { requestLogService } from "./rpc/request-log-service.ts";
import { userService } from "./rpc/user-service.ts";
import { withdrawalService } from "./rpc/withdrawal-service.ts";
import type { Accept } from "./saga/accept.ts";
import type { Saga } from "./saga/advance.ts";

/** What core serves. */
export const contract = (core: Core, saga: Saga, accept: Accept) => [
  implemented(UserService, userService(core)),
  implemented(MerchantService, merchantService(core)),
  implemented(WithdrawalService, withdrawalService(saga, accept)),
  implemented(NotificationService, notificationService(core)),
  implemented(RequestLogService, requestLogService(core)),
  implemented(OperationsService, operationsService(core)),
];
