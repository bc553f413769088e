import { Code } from "@connectrpc/connect";
import { reasons } from "#mesh/errors.ts";

/** Makes the errors of billing. */
export const fail = reasons("billing", {
  ACCOUNT_NOT_FOUND: [Code.NotFound, "There is no account {account_id}."],
  AMOUNT_TOO_LARGE: [Code.InvalidArgument, "{amount} is more than a charge may be: {most}."],
  APPROVAL_DECIDED: [Code.FailedPrecondition, "The approval {approval_id} was decided."],
  APPROVAL_NOT_FOUND: [Code.NotFound, "There is no approval {approval_id}."],
  APPROVAL_REQUIRED: [
    Code.FailedPrecondition,
    "So much {asset} needs a second administrator, who finds it as the approval {approval_id}.",
  ],
  ASSET_EXISTS: [Code.AlreadyExists, "{code} is counted with {scale} decimals."],
  ASSET_NOT_ACCEPTED: [Code.InvalidArgument, "The hold {hold_id} is not one of {asset}."],
  AUDIT_NOT_FOUND: [Code.NotFound, "There is no audit {audit_id}."],
  BEFORE_ACCOUNT: [Code.OutOfRange, "The account {account_id} was not there yet."],
  CREDIT_IN_USE: [
    Code.FailedPrecondition,
    "The limit {limit} is less than the {in_use} that is utilized and held.",
  ],
  EXPIRE_TIME_OUT_OF_RANGE: [
    Code.InvalidArgument,
    "The hold {hold_id} has an expire_time in the past, or one too far away.",
  ],
  HOLDS_NOT_LISTED: [Code.InvalidArgument, "The holds for {purpose} are not listed."],
  HOLD_ALREADY_CAPTURED: [Code.FailedPrecondition, "The hold {hold_id} was captured."],
  HOLD_ALREADY_RELEASED: [Code.FailedPrecondition, "The hold {hold_id} was released."],
  HOLD_AMOUNT_DIFFERS: [Code.InvalidArgument, "{amount} is not the amount of the hold {hold_id}."],
  HOLD_EXCEEDED: [Code.FailedPrecondition, "{amount} is more than the hold {hold_id} has."],
  HOLD_EXPIRED: [Code.FailedPrecondition, "The hold {hold_id} has expired."],
  HOLD_FIELD_NOT_ACCEPTED: [
    Code.InvalidArgument,
    "The field {field} is not one of {purpose}, which the hold {hold_id} is for.",
  ],
  HOLD_FIELD_REQUIRED: [
    Code.InvalidArgument,
    "The hold {hold_id} is for {purpose}, which needs the field {field}.",
  ],
  HOLD_ID_REUSED: [Code.AlreadyExists, "The hold {hold_id} was made with another content."],
  HOLD_NOT_CAPTURABLE: [
    Code.FailedPrecondition,
    "The hold {hold_id} is captured by the trades of its order.",
  ],
  HOLD_NOT_CAPTURED: [Code.FailedPrecondition, "Nothing was captured of the hold {hold_id}."],
  HOLD_NOT_FOUND: [Code.NotFound, "There is no hold {hold_id}."],
  HOLD_NOT_REFUNDABLE: [
    Code.FailedPrecondition,
    "The hold {hold_id} is for a purpose that knows no refunds.",
  ],
  INSUFFICIENT_CREDIT: [Code.FailedPrecondition, "The hold {hold_id} is more than the credit."],
  INSUFFICIENT_FUNDS: [Code.FailedPrecondition, "The hold {hold_id} is more than can be spent."],
  INVALID_AMOUNT: [
    Code.InvalidArgument,
    "The amount {amount} is out of bounds; it has to be more than 0.",
  ],
  INVALID_ID: [Code.InvalidArgument, "The field {field} must have 16 bytes, or none."],
  IN_THE_FUTURE: [Code.OutOfRange, "The moment is not over yet."],
  LEDGER_REFUSED: [Code.FailedPrecondition, "The ledger refused the transfer: {status}."],
  MERCHANT_NOT_FOUND: [Code.NotFound, "The merchant {merchant_id} has no credit."],
  MERCHANT_REQUIRED: [Code.InvalidArgument, "A service has to name the merchant_id."],
  NOT_ALLOWED: [Code.PermissionDenied, "{caller} may not touch the account {account_id} so."],
  NOT_YOUR_PURPOSE: [Code.PermissionDenied, "{caller} may not hold money for {purpose}."],
  OWNER_NOT_FOUND: [Code.NotFound, "{owner_id} has no account."],
  OWNER_REQUIRED: [Code.InvalidArgument, "A service has to name the owner_id."],
  POOL_EXHAUSTED: [Code.FailedPrecondition, "The hold {hold_id} is more than the pool has."],
  PURPOSE_REQUIRED: [Code.InvalidArgument, "What the hold {hold_id} is for has to be named."],
  REASON_REQUIRED: [Code.InvalidArgument, "The reference has to say why so much is moved."],
  REFUND_EXCEEDED: [
    Code.FailedPrecondition,
    "{amount} is more than the {left} that can still be refunded of the hold {hold_id}.",
  ],
  REFUND_ID_REUSED: [Code.AlreadyExists, "The refund {refund_id} was made with another content."],
  REPAYMENT_EXCEEDED: [
    Code.FailedPrecondition,
    "{amount} is more than the {utilized} that the merchant has utilized.",
  ],
  SAME_PERSON: [
    Code.FailedPrecondition,
    "Another administrator than the one who has asked has to agree to the approval {approval_id}.",
  ],
  SEARCH_KEY_REQUIRED: [
    Code.InvalidArgument,
    "The search has to name an account, user data or a reference.",
  ],
  TOO_MANY_MONITORS: [Code.ResourceExhausted, "There are {most} monitors, and no more may be."],
  UNKNOWN_ASSET: [Code.InvalidArgument, "{asset} is no asset that is counted here."],
  USER_NOT_FOUND: [Code.NotFound, "There is no user {user_id}."],
});
