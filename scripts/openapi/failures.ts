import { Code } from "@connectrpc/connect";

/** The answers that take the place of a method's own, by name: status, reason and meaning. */
export const failures = {
  BadRequest: [
    400,
    [Code.InvalidArgument, "INVALID_AMOUNT", "12,5 is not a plain decimal.", { amount: "12,5" }],
    "The request is wrong (`invalid_argument`; the details name the fields), or can't be done as " +
      "things are (`failed_precondition`).",
  ],
  Unauthenticated: [
    401,
    [Code.Unauthenticated, "TOKEN_EXPIRED", "The token has expired.", {}],
    "No valid token: `BAD_CREDENTIALS` or `TOKEN_EXPIRED`.",
  ],
  PermissionDenied: [
    403,
    [Code.PermissionDenied, "NOT_ALLOWED", "USER may not call this method.", { caller: "USER" }],
    "The caller is known and may not call this method: `NOT_ALLOWED`.",
  ],
  NotFound: [
    404,
    [Code.NotFound, "USER_NOT_FOUND", "There is no such user.", {}],
    "What the request names does not exist, or belongs to somebody else.",
  ],
  Conflict: [
    409,
    [Code.AlreadyExists, "IDEMPOTENCY_KEY_REUSED", "The key k1 was used.", { key: "k1" }],
    "The key was used for another request (`IDEMPOTENCY_KEY_REUSED`), the request with the key is " +
      "still running (`IDEMPOTENCY_IN_PROGRESS`), or the thing exists already.",
  ],
  TooManyRequests: [
    429,
    [Code.ResourceExhausted, "RATE_LIMITED", "Too many calls.", { retry_ms: "1000" }],
    "Too much at once: `RATE_LIMITED` or `OVERLOADED`. Try again after `retry-after` seconds.",
  ],
  Internal: [
    500,
    [Code.Internal, "INTERNAL", "internal error", {}],
    "A fault of the platform; quote `x-correlation-id` to its people.",
  ],
  Unavailable: [
    503,
    [Code.Unavailable, "SERVICE_AWAY", "The service core does not answer.", { service: "core" }],
    "The service is away or shutting down. Repeat the call with the same key.",
  ],
  DeadlineExceeded: [
    504,
    [Code.DeadlineExceeded, "DEADLINE_PASSED", "The deadline has passed.", {}],
    "The deadline has passed. A mutation may have had its effect: repeat it with the same key.",
  ],
} as const satisfies Record<string, readonly [number, Sample, string]>;

/** The parts of an error that stands for others. */
export type Sample = readonly [
  code: Code,
  reason: string,
  text: string,
  metadata: Record<string, string>,
];
