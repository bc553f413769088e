import type { Duration } from "@bufbuild/protobuf/wkt";
import { TrafficClass } from "#gen/mizan/sms/v1/message_pb.ts";
import type {
  EstimateMessageRequest,
  OutgoingMessage,
  SendMessageRequest,
} from "#gen/mizan/sms/v1/message_service_pb.ts";
import type * as domain from "../domain/message.ts";
import type { TextToSend } from "../operations/prepare-text.ts";

/** Reads a text to send. */
export function fromText(text: SendMessageRequest | OutgoingMessage): TextToSend {
  const { receiver, content, sender, isExpress, clientReference, tags } = text;
  const { maxSegments, smartEncoding, validity } = text;
  return {
    receiver,
    content,
    sender,
    isExpress,
    trafficClass: classes[text.trafficClass] ?? "TRANSACTIONAL",
    validityMs: validity && fromDuration(validity),
    clientReference,
    tags,
    maxSegments,
    smartEncoding,
  };
}

/** Reads a text of a batch, whose empty fields are those of the defaults. */
export function fromOutgoing(text: OutgoingMessage, defaults: OutgoingMessage): TextToSend {
  return fromText({
    ...text,
    receiver: text.receiver || defaults.receiver,
    content: text.content || defaults.content,
    sender: text.sender || defaults.sender,
    isExpress: text.isExpress || defaults.isExpress,
    trafficClass: text.trafficClass || defaults.trafficClass,
    validity: text.validity ?? defaults.validity,
    clientReference: text.clientReference || defaults.clientReference,
    tags: text.tags.length > 0 ? text.tags : defaults.tags,
    maxSegments: text.maxSegments || defaults.maxSegments,
    smartEncoding: text.smartEncoding || defaults.smartEncoding,
  });
}

/** Reads a text to look at. */
export function fromEstimated(text: EstimateMessageRequest): TextToSend {
  const { receiver, content, sender, isExpress, smartEncoding } = text;
  const trafficClass = classes[text.trafficClass] ?? "TRANSACTIONAL";
  const asked = { receiver, content, sender, isExpress, smartEncoding, trafficClass };
  return { ...asked, clientReference: "", tags: [], maxSegments: 0 };
}

const classes: Readonly<Record<number, domain.TrafficClass>> = {
  [TrafficClass.OTP]: "OTP",
  [TrafficClass.TRANSACTIONAL]: "TRANSACTIONAL",
  [TrafficClass.PROMOTIONAL]: "PROMOTIONAL",
};

/** In whole milliseconds. */
function fromDuration({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1000 + Math.ceil(nanos / 1_000_000);
}
