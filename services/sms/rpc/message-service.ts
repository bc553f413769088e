import type { ServiceImpl } from "@connectrpc/connect";
import type { MessageService } from "#gen/mizan/sms/v1/message_service_pb.ts";
import type { Accept } from "../accept/accept.ts";
import type { Sms } from "../context.ts";
import { reading } from "./reading.ts";
import { sending } from "./sending.ts";

/** Takes texts, and tells what became of them. */
export const messageService = (sms: Sms, accept: Accept): ServiceImpl<typeof MessageService> => ({
  ...sending(sms, accept),
  ...reading(sms),
});
