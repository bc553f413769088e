import { Code } from "@connectrpc/connect";
import { reasons } from "#mesh/errors.ts";

/** Makes the errors of billing. */
export const fail = reasons("billing", {
  ACCOUNT_NOT_FOUND: [Code.NotFound, "There is no account {account_id}."],
  AMOUNT_TOO_LARGE: [Code.InvalidArgument, "{amount} is more than a charge may be: {most}."],
  ASSET_NOT_ACCEPTED: [Code.InvalidArgument, "The hold {hold_id} is not one of {asset}."],
  EXPIRE_TIME_OUT_OF_RANGE: [
    Code.InvalidArgument,
    "The hold {hold_id} has an expire_time in the past, or one too far away.",
  ],
  HOLD_ALREADY_CAPTURED: [Code.FailedPrecondition, "The hold {hold_id} was captured."],
  HOLD_ALREADY_RELEASED: [Code.FailedPrecondition, "The hold {hold_id} was released."],
  HOLD_AMOUNT_DIFFERS: [Code.InvalidArgument, "{amount} is not the amount of the hold {hold_id}."],
  HOLD_EXCEEDED: [Code.FailedPrecondition, "{amount} is more than the hold {hold_id} has."],
  HOLD_EXPIRED: [Code.FailedPrecondition, "The hold {hold_id} has expired."],
  HOLD_ID_REUSED: [Code.AlreadyExists, "The hold {hold_id} was made with another content."],
  HOLD_NOT_CAPTURED: [Code.FailedPrecondition, "Nothing was captured of the hold {hold_id}."],
  HOLD_NOT_FOUND: [Code.NotFound, "There is no hold {hold_id}."],
  INSUFFICIENT_FUNDS: [Code.FailedPrecondition, "The hold {hold_id} is more than can be spent."],
  INVALID_AMOUNT: [Code.InvalidArgument, "The amount {amount} is not one for this."],
  INVALID_ID: [Code.InvalidArgument, "The field {field} must have 16 bytes, or none."],
  LEDGER_REFUSED: [Code.FailedPrecondition, "The ledger refused the transfer: {status}."],
  OWNER_NOT_FOUND: [Code.NotFound, "{owner_id} has no account."],
  OWNER_REQUIRED: [Code.InvalidArgument, "A service has to name the owner_id."],
  REFUND_EXCEEDED: [
    Code.FailedPrecondition,
    "{amount} is more than the {left} that can still be refunded of the hold {hold_id}.",
  ],
  REFUND_ID_REUSED: [Code.AlreadyExists, "The refund {refund_id} was made with another content."],
  UNKNOWN_ASSET: [Code.InvalidArgument, "The ledger does not count {asset}."],
  USER_NOT_FOUND: [Code.NotFound, "There is no user {user_id}."],
});
