import { Code } from "@connectrpc/connect";
import { reasons } from "#mesh/errors.ts";

/** Makes the errors of sms. */
export const fail = reasons("sms", {
  ABANDONED: [Code.Unavailable, "The request took too long and was given up; nothing was charged."],
  DUPLICATE_RECEIVER: [Code.InvalidArgument, "The receiver is that of the text {first_index}."],
  EMPTY_BODY: [Code.InvalidArgument, "The text is empty."],
  GEO_BLOCKED: [Code.PermissionDenied, "The account does not send to {country}."],
  INSUFFICIENT_FUNDS: [
    Code.FailedPrecondition,
    "The price of {price} is more than can be spent; with more money, use a new key.",
  ],
  INVALID_BODY: [Code.InvalidArgument, "The text has no character at {position}."],
  INVALID_FIELD: [Code.InvalidArgument, "The field {field} has to be one that {rule}."],
  INVALID_RECEIVER: [Code.InvalidArgument, "{receiver} is not a mobile number."],
  INVALID_RESUME_TOKEN: [Code.InvalidArgument, "The resume token is not one of these changes."],
  LEDGER_AWAY: [Code.Unavailable, "The price could not be reserved; try again with the same key."],
  MESSAGE_NOT_FOUND: [Code.NotFound, "There is no message {message_id}."],
  NO_RATE: [Code.FailedPrecondition, "The rate card has no price for this text."],
  PAGE_NOT_FOUND: [Code.InvalidArgument, "There is no page {page}; the last one is {last}."],
  READER_TOO_SLOW: [
    Code.ResourceExhausted,
    "The changes are not read as fast as they happen; go on with the last resume token.",
  ],
  RESUME_TOKEN_TOO_OLD: [
    Code.OutOfRange,
    "What follows {resume_token} is no longer kept; {oldest} is the oldest.",
  ],
  SENDER_NOT_ALLOWED: [Code.PermissionDenied, "The account does not own the line {sender}."],
  TOO_MANY_SEGMENTS: [
    Code.InvalidArgument,
    "The text has {segments} parts, and may have {allowed}.",
  ],
});
