/** Where a message stands (section 6 of the rules of messages). */
export type MessageState =
  | "ACCEPTED"
  | "SCHEDULED"
  | "QUEUED"
  | "SENDING"
  | "SENT"
  | "UNCERTAIN"
  | "PARTIALLY_DELIVERED"
  | EndState;

/** Where a message stays: the first end counts (DLR-5). */
export type EndState =
  | "DELIVERED"
  | "UNDELIVERED"
  | "FAILED"
  | "CANCELLED"
  | "EXPIRED"
  | "REJECTED";

/** Where the price of a message is (MON-8). */
export type ChargeState = "NONE" | "RESERVED" | "CAPTURED" | "RELEASED" | "REFUNDED";

/** Why a message ended without being delivered (API-4). */
export type FailureReason =
  | "INVALID_NUMBER"
  | "OPERATOR_BLACKLIST"
  | "PREFIX_BLOCKED"
  | "NOT_REACHED_OPERATOR"
  | "PROVIDER_REJECTED"
  | "NO_RECEIPT"
  | "PARTIAL_RECEIPT"
  | "UNKNOWN_OUTCOME"
  | "NO_ROUTE"
  | "OPTED_OUT"
  | "INSUFFICIENT_FUNDS"
  | "CHECK_REJECTED"
  | "ABANDONED"
  | "INTERNAL";

/** One-time passwords and express messages, or all the rest (LANE-1). */
export type Lane = "EXPRESS" | "BULK";

/** What kind of text it is; one-time passwords go by the express lane. */
export type TrafficClass = "OTP" | "TRANSACTIONAL" | "PROMOTIONAL";

/** How a text is coded on the air (SEG-2). */
export type Encoding = "GSM7" | "UCS2";

/** Whether a message has ended. */
export function hasEnded(state: MessageState): state is EndState {
  return ends.has(state);
}

const ends = new Set<MessageState>([
  "DELIVERED",
  "UNDELIVERED",
  "FAILED",
  "CANCELLED",
  "EXPIRED",
  "REJECTED",
]);
