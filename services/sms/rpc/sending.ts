import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { Encoding } from "#gen/mizan/sms/v1/message_pb.ts";
import {
  type MessageService,
  OutgoingMessageSchema,
} from "#gen/mizan/sms/v1/message_service_pb.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Accept } from "../accept/accept.ts";
import type { Sms } from "../context.ts";
import { estimateMessage } from "../operations/estimate-message.ts";
import { sendMessage } from "../operations/send-message.ts";
import { sendMessages } from "../operations/send-messages.ts";
import { fromEstimated, fromOutgoing, fromText } from "./text-to-send.ts";

type Sending = Pick<
  ServiceImpl<typeof MessageService>,
  "sendMessage" | "sendMessages" | "estimateMessage"
>;

/** The methods of MessageService that take texts. */
export const sending = (sms: Sms, accept: Accept): Sending => ({
  sendMessage: async (request, call) => sendMessage(sms, accept, fromText(request), call),
  sendMessages: async ({ messages, defaults, allowDuplicates }, call) => {
    const common = defaults ?? create(OutgoingMessageSchema);
    const texts = messages.map((text) => fromOutgoing(text, common));
    return sendMessages(sms, accept, { texts, allowDuplicates }, call);
  },
  estimateMessage: (request) => {
    const { price, encoding, nonGsmChars, warnings, ...rest } = estimateMessage(
      sms,
      fromEstimated(request),
    );
    const { asset, scale } = sms.currency;
    const estimate = {
      ...rest,
      encoding: Encoding[encoding],
      price: { asset, amount: fromMinor(price, scale) },
      nonGsmChars: [...nonGsmChars],
      warnings: [...warnings],
    };
    return { estimate };
  },
});
