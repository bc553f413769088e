import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  ChargeState,
  Encoding,
  FailureReason,
  type MessageSchema,
  MessageState,
  TrafficClass,
} from "#gen/mizan/sms/v1/message_pb.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Sms } from "../context.ts";
import { acceptedAtMs } from "../domain/message-id.ts";
import type { Currency } from "../events.ts";
import { findTexts, type StoredMessage } from "../store/find-messages.ts";

/** A message with its text; that is empty once it is no longer kept (REP-4). */
export type MessageView = { readonly message: StoredMessage; readonly content: string };

/** Adds the texts to messages, with one look at the chunks of all of them. */
export async function withTexts(
  { db }: Pick<Sms, "db">,
  messages: readonly StoredMessage[],
): Promise<MessageView[]> {
  const ids = messages.map(({ chunkId }) => chunkId);
  const texts = await findTexts(db, ids);
  return messages.map((message) => {
    const content = texts.get(message.chunkId)?.[message.textNumber] ?? "";
    return { message, content };
  });
}

/** A message as the wire shows it. */
export function toMessage({ message, content }: MessageView, currency: Currency) {
  const { id, accountId, sender, segments, attempts, operator, revision, expiresAt } = message;
  const { asset, scale } = currency;
  const price = BigInt(message.price);
  const refunded = message.charge === "REFUNDED" ? price : 0n;
  const shown = {
    id,
    accountId,
    receiver: `+${message.receiver}`,
    sender,
    content,
    state: MessageState[message.state],
    failure: message.failure === null ? FailureReason.UNSPECIFIED : FailureReason[message.failure],
    isExpress: message.lane === "EXPRESS",
    trafficClass: TrafficClass[message.trafficClass],
    encoding: Encoding[message.encoding],
    segments,
    price: { asset, amount: fromMinor(price, scale) },
    refunded: { asset, amount: fromMinor(refunded, scale) },
    chargeState: ChargeState[message.charge],
    provider: message.provider ?? "",
    providerMessageId: message.providerId ?? "",
    attempts,
    operator,
    clientReference: message.clientReference ?? "",
    tags: [...(message.tags ?? [])],
    ...timeOf("guaranteedDeliveryTime", message.promisedAt),
    expireTime: timestampFromDate(expiresAt),
    createTime: timestampFromMs(acceptedAtMs(id)),
    ...timeOf("queueTime", message.queuedAt),
    ...timeOf("sendTime", message.sentAt),
    ...timeOf("endTime", message.endedAt),
    updateTime: timestampFromDate(message.updatedAt),
    revision,
  };
  return shown satisfies MessageInitShape<typeof MessageSchema>;
}

/** A time that a message may not have, by the name of its field. */
function timeOf<N extends string>(name: N, date: Date | null) {
  return (date === null ? {} : { [name]: timestampFromDate(date) }) as {
    [K in N]?: ReturnType<typeof timestampFromDate>;
  };
}
