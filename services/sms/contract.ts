import { MessageService } from "#gen/mizan/sms/v1/message_service_pb.ts";
import { OperationsService } from "#gen/mizan/sms/v1/operations_service_pb.ts";
import { implemented } from "#mesh/service.ts";
import type { Accept } from "./accept/accept.ts";
import type { Sms } from "./context.ts";
import { messageService } from "./rpc/message-service.ts";
import { operationsService } from "./rpc/operations-service.ts";

/** What sms serves. */
export const contract = (sms: Sms, accept: Accept) => [
  implemented(MessageService, messageService(sms, accept)),
  implemented(OperationsService, operationsService(sms)),
];
