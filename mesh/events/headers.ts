/** The headers of an event, by name. The broker sees them, so does a consumer in any language. */
export type EventHeaders = Readonly<Record<string, string>>;

/** The id of the message, by which the broker drops what it has seen lately (N4). */
export const ID_HEADER = "Nats-Msg-Id";
/** When the event happened, in milliseconds since 1970. */
export const TIME_HEADER = "mizan-time";
/** Whose event it is: the shard, the market, the id of the object. */
export const KEY_HEADER = "mizan-key";
/** The number of the event among those of its key. */
export const SEQ_HEADER = "mizan-seq";
/** How many events of the outbox the stream has had, up to this message (N2). */
export const OFFSET_HEADER = "mizan-offset";
export const TRACE_HEADER = "traceparent";
export const TYPE_HEADER = "content-type";
export const PROTOBUF = "application/protobuf";

/** The message id of an event that is published again although the broker may know it (N5). */
export function replayId(eventId: string, replay: number): string {
  return `${eventId}:r${replay}`;
}

/** The id of the event that a message carries, which is the same for every replay (N5). */
export function eventIdOf(messageId: string): string {
  return messageId.replace(/:r\d+$/, "");
}
