import { Code } from "@connectrpc/connect";
import { reasons } from "#mesh/errors.ts";

/** Makes the errors of this service. No text and no value repeats the number of an account (S12). */
export const fail = reasons("settlement", {
  ALREADY_APPROVED: [
    Code.FailedPrecondition,
    "You have let {payout_id} go; now another administrator has to.",
  ],
  APPROVAL_REQUIRED: [
    Code.FailedPrecondition,
    "What you say of {payout_id} is kept; another administrator has to say the same.",
  ],
  ASSET_NOT_ACCEPTED: [Code.InvalidArgument, "{asset} can't be paid out."],
  INVALID_AMOUNT: [Code.InvalidArgument, "{amount} is not more than nothing."],
  INVALID_STATEMENT: [Code.InvalidArgument, "Line {line} of the statement: {problem}."],
  STATEMENT_IN_PROGRESS: [Code.Aborted, "Another statement of {provider} is being read."],
  OPINIONS_DIFFER: [
    Code.FailedPrecondition,
    "What you say of {payout_id} is kept, and nothing has ended: {person_id} says {said}. Both stand until two say the same.",
  ],
  OWN_PAYOUT: [Code.PermissionDenied, "The payout {payout_id} is your own; others decide on it."],
  PAYOUT_ID_REUSED: [Code.AlreadyExists, "The payout {payout_id} is one with another content."],
  PAYOUT_NOT_FOUND: [Code.NotFound, "There is no payout {payout_id}."],
  PAYOUT_STATE_DIFFERS: [Code.FailedPrecondition, "The payout {payout_id} is {state} by now."],
  PROVIDER_NOT_FOUND: [Code.NotFound, "There is no provider {provider}."],
  REFERENCE_REQUIRED: [Code.InvalidArgument, "What was paid has a reference at the bank."],
  SAME_ADMINISTRATOR: [
    Code.FailedPrecondition,
    "You have said so of {payout_id} already; another administrator has to.",
  ],
});
