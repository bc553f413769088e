import { Code, ConnectError } from "@connectrpc/connect";
import { reasonOf } from "./errors.ts";
import { mask } from "./mask.ts";

/**
 * Shows the fields that a record may show: those of the list below, and numbers and truth values
 * with harmless names. All else is "[hidden]", so that nobody's data leaks by a careless line (S12).
 */
export function loggable(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, shown(name, value)]),
  );
}

/** Names whose texts come from our own code or contract, or are opaque ids. */
const plain = new Set(
  [
    "service method code reason wire caller peer principal audience event event_id stream subject",
    "consumer durable migration table job lease owner check state status signal profile version",
    "name host address ip port kind phase trace_id id folder serial worker writer lane provider",
    "message_id chunk_id withdrawal_id order_id hold_id market asset",
  ].flatMap((names) => names.split(" ")),
);
/** Names whose texts come from elsewhere and pass the mask. */
const masked = new Set([
  "text",
  "detail",
  "url",
  "path",
  "file",
  "correlation_id",
  "command",
  "key",
]);
const errors = new Set(["err", "error", "cause"]);
const secret = /pass|secret|token|auth|cookie|otp|pin$|iban|card|phone|mail|national|content|body/i;

function shown(name: string, value: unknown): unknown {
  if (errors.has(name)) return errorOf(value, 0);
  if (secret.test(name)) return "[hidden]";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (value === undefined) return undefined;
  if (typeof value !== "string") return Array.isArray(value) ? list(name, value) : "[hidden]";
  if (plain.has(name)) return value;
  return masked.has(name) ? mask(value) : "[hidden]";
}

function list(name: string, values: readonly unknown[]): unknown {
  return values
    .slice(0, 20)
    .map((value) => (Array.isArray(value) ? "[hidden]" : shown(name, value)));
}

/** What an error may show: never the values that a database or a peer hung on it. */
function errorOf(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return mask(String(error));
  const { cause } = error;
  const reason = reasonOf(error);
  return {
    type: error.name,
    message: mask(error.message),
    ...codeOf(error),
    ...(reason !== undefined && { reason }),
    ...(error.stack !== undefined && { stack: mask(error.stack) }),
    ...(cause !== undefined && depth < 3 && { cause: errorOf(cause, depth + 1) }),
    ...(error instanceof AggregateError &&
      depth < 3 && { errors: error.errors.slice(0, 5).map((one) => errorOf(one, depth + 1)) }),
  };
}

function codeOf(error: Error): { code?: unknown } {
  if (error instanceof ConnectError) return { code: Code[error.code] };
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" || typeof code === "number" ? { code } : {};
}
