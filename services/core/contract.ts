import { MerchantService } from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { NotificationService } from "#gen/mizan/core/v1/notification_service_pb.ts";
import { OperationsService } from "#gen/mizan/core/v1/operations_service_pb.ts";
import { UserService } from "#gen/mizan/core/v1/user_service_pb.ts";
import { implemented } from "#mesh/service.ts";
import type { Core } from "./context.ts";
import { merchantService } from "./rpc/merchant-service.ts";
import { notificationService } from "./rpc/notification-service.ts";
import { operationsService } from "./rpc/operations-service.ts";
import { userService } from "./rpc/user-service.ts";

/** What core serves. */
export const contract = (core: Core) => [
  implemented(UserService, userService(core)),
  implemented(MerchantService, merchantService(core)),
  implemented(NotificationService, notificationService(core)),
  implemented(OperationsService, operationsService(core)),
];
