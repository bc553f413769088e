import { Code } from "@connectrpc/connect";
import { reasons } from "./errors.ts";

/** Makes the errors that every service shares. */
export const fail = reasons("mesh", {
  BAD_CREDENTIALS: [Code.Unauthenticated, "The header {header} does not prove who calls."],
  TOKEN_EXPIRED: [Code.Unauthenticated, "The token of the header {header} has expired."],
  NO_CERTIFICATE: [Code.Unauthenticated, "The connection shows no certificate."],
  BAD_CERTIFICATE: [Code.Unauthenticated, "The certificate of the connection is not trusted."],
  BAD_HANDSHAKE: [Code.Unauthenticated, "The connection does not speak TLS as it has to."],
  NOT_ALLOWED: [Code.PermissionDenied, "{caller} may not call this method."],
  RATE_LIMITED: [Code.ResourceExhausted, "Too many calls; try again in {retry_ms} ms."],
  OVERLOADED: [Code.ResourceExhausted, "{resource} is at its limit; try again in {retry_ms} ms."],
  IDEMPOTENCY_KEY_REUSED: [
    Code.AlreadyExists,
    "The key {key} was used for another request of this method.",
  ],
  IDEMPOTENCY_IN_PROGRESS: [Code.Aborted, "The request with the key {key} is still running."],
  IDEMPOTENCY_KEY_MISMATCH: [
    Code.InvalidArgument,
    "The header Idempotency-Key and the field request_id differ.",
  ],
  INVALID_IDEMPOTENCY_KEY: [
    Code.InvalidArgument,
    "The header Idempotency-Key must have 1 to 255 visible ASCII characters.",
  ],
  IDEMPOTENCY_KEY_REQUIRED: [
    Code.InvalidArgument,
    "The call needs a header Idempotency-Key or a request_id, so that a retry has no second effect.",
  ],
  REQUEST_ID_REQUIRED: [Code.InvalidArgument, "The call needs a request_id."],
  INVALID_PAGE_TOKEN: [Code.InvalidArgument, "The page token is not one of this list."],
  INVALID_AMOUNT: [
    Code.InvalidArgument,
    "{amount} is not a plain decimal with at most {scale} decimals.",
  ],
  AMOUNT_TOO_LARGE: [Code.InvalidArgument, "{amount} is more than the ledger can count."],
  DEADLINE_PASSED: [Code.DeadlineExceeded, "The deadline has passed."],
  SHUTTING_DOWN: [Code.Unavailable, "{resource} is shutting down; try again."],
});
