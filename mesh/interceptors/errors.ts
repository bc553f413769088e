import { createRegistry, fromBinary } from "@bufbuild/protobuf";
import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { Code, ConnectError, type ContextValues, type Interceptor } from "@connectrpc/connect";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { reasonOf, reasons } from "../errors.ts";
import { newId } from "../ids.ts";
import { fail } from "../reasons.ts";
import { traceKey } from "../trace.ts";
import { refuse } from "./refuse.ts";
import { whenOver } from "./when-over.ts";

/**
 * Makes every error one that a caller may see, with a reason. What nobody foresaw is "internal
 * error" and a correlation id, by which its text is found in the log (ER-2, ER-4, S14).
 */
export const errors: Interceptor = (next) => (request) =>
  whenOver(next, request, (failure) => failure && shown(failure.reason, request.contextValues));

/** Whether an error is one that somebody meant to throw. */
export function isForeseen(reason: unknown): reason is ConnectError {
  if (!(reason instanceof ConnectError)) return false;
  // Another service that refuses us as a service is our fault, not the caller's.
  if (reason.isWireError && reason.code === Code.Unauthenticated) return false;
  return reasonOf(reason) !== undefined || !hidden.has(reason.code);
}

function shown(reason: unknown, values: ContextValues): ConnectError {
  if (!isForeseen(reason)) {
    return refuse("INTERNAL", { correlation_id: values.get(traceKey)?.correlationId ?? newId() });
  }
  if (reasonOf(reason) !== undefined) return relayed(reason);
  switch (reason.code) {
    case Code.Canceled:
      return refuse("CANCELED");
    case Code.DeadlineExceeded:
      return fail("DEADLINE_PASSED");
    case Code.Unavailable:
      return refuse("UNAVAILABLE");
    default:
      return named(reason);
  }
}

/** Codes whose text was not written for callers. */
const hidden = new Set([Code.Unknown, Code.Internal, Code.DataLoss]);

/**
 * An error as it was thrown here. That of another service loses the headers that it came with, and
 * details that come from a wire or a table are read, so that JSON shows what they say.
 */
function relayed(reason: ConnectError): ConnectError {
  const { rawMessage, code, details, isWireError } = reason;
  if (!isWireError && details.every((detail) => !("type" in detail))) return reason;
  const error = new ConnectError(rawMessage, code, isWireError ? undefined : reason.metadata);
  error.details = details.map((detail) => {
    const desc = "type" in detail ? readable.getMessage(detail.type) : undefined;
    if (desc === undefined || !("type" in detail)) return detail;
    return { desc, value: fromBinary(desc, detail.value) };
  });
  return error;
}

/** What the details of our errors are. */
const readable = createRegistry(ErrorInfoSchema, ViolationsSchema);

/** An error that was thrown with a code alone, with that code as its reason. */
function named(error: ConnectError): ConnectError {
  const reason = Code[error.code].replaceAll(/\B[A-Z]/g, "_$&").toUpperCase();
  return reasons("mesh", { [reason]: [error.code, error.rawMessage] })(reason);
}
