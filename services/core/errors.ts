import { Code } from "@connectrpc/connect";
import { reasons } from "#mesh/errors.ts";

/** Makes the errors of this service. No text and no value repeats a password or a token (S12). */
export const fail = reasons("core", {
  AMOUNT_TOO_LARGE: [Code.InvalidArgument, "{amount} is more than an amount may be: {most}."],
  APPROVAL_REQUIRED: [
    Code.FailedPrecondition,
    "{limit} {asset} need a second administrator, who repeats the call with the key {request_id}.",
  ],
  ASSET_NOT_ACCEPTED: [Code.InvalidArgument, "Credit is counted in {accepted}, not in {asset}."],
  BAD_CREDENTIALS: [Code.Unauthenticated, "The {credentials} can't be accepted."],
  CREDIT_IN_USE: [
    Code.FailedPrecondition,
    "The limit {limit} is less than the {in_use} that is utilized and held.",
  ],
  INSUFFICIENT_CREDIT: [Code.FailedPrecondition, "{amount} is more than the credit has left."],
  INVALID_AMOUNT: [
    Code.InvalidArgument,
    "The amount {amount} is out of bounds; it has to be more than 0.",
  ],
  LEDGER_REFUSED: [Code.FailedPrecondition, "The ledger refused the movement: {status}."],
  MERCHANT_NOT_ACTIVE: [Code.FailedPrecondition, "The merchant {merchant_id} may not withdraw."],
  MERCHANT_NOT_FOUND: [Code.NotFound, "There is no merchant {merchant_id}."],
  MERCHANT_STATE_DIFFERS: [
    Code.FailedPrecondition,
    "The merchant {merchant_id} is {state}, which does not allow this.",
  ],
  POOL_EXHAUSTED: [Code.FailedPrecondition, "{amount} is more than can be paid out by now."],
  REASON_REQUIRED: [Code.InvalidArgument, "It has to be said why it is so much."],
  REPAYMENT_EXCEEDED: [
    Code.FailedPrecondition,
    "{amount} is more than the {utilized} that is utilized.",
  ],
  SETTLEMENT_REJECTED: [Code.FailedPrecondition, "The withdrawal was not paid: {reason}"],
  TOO_MANY_ATTEMPTS: [Code.ResourceExhausted, "Too many attempts; try again in {retry_ms} ms."],
  UNKNOWN_CODE: [
    Code.InvalidArgument,
    "{code} is no code; those that calls end with are OK, NOT_FOUND, PERMISSION_DENIED and so on.",
  ],
  USERNAME_TAKEN: [Code.AlreadyExists, "The username {username} belongs to somebody else."],
  EMAIL_TAKEN: [Code.AlreadyExists, "The e-mail address belongs to somebody else."],
  PHONE_NUMBER_TAKEN: [Code.AlreadyExists, "The phone number belongs to somebody else."],
  USER_NOT_FOUND: [Code.NotFound, "There is no user {user_id}."],
  LAST_ADMIN: [Code.FailedPrecondition, "Without {user_id} there would be no administrator."],
  WITHDRAWAL_NOT_FOUND: [Code.NotFound, "There is no withdrawal {withdrawal_id}."],
  WEAK_PASSWORD: [Code.InvalidArgument, "The password is too easy to guess: {problem}."],
});
