import { Code, type ConnectError } from "@connectrpc/connect";
import { DatabaseError } from "pg";
import { reasons, retryLater } from "../errors.ts";
import { ACQUIRE_TIMEOUT_MS } from "../limits.ts";
import { fail } from "../reasons.ts";

/**
 * What a caller is told when the database fails it: UNAVAILABLE for a lost connection, after which
 * the outcome is unknown (L8), DEADLINE_PASSED for a statement that was stopped and OVERLOADED for
 * a lock that others held too long. Any other error is the caller's own and comes back as it is.
 */
export function callError(error: unknown): unknown {
  if (isLost(error)) return because(mine("DATABASE_UNAVAILABLE"), error);
  if (isError(error, "57014")) return because(fail("DEADLINE_PASSED"), error);
  return isError(error, "55P03") ? overloaded("A row of the database", error) : error;
}

/** Whether the connection is gone, so that nobody knows how its last statement ended. */
export function isLost(error: unknown): boolean {
  if (error instanceof DatabaseError) return lostCodes.test(error.code ?? "");
  return error instanceof Error && ("syscall" in error || lostTexts.test(error.message));
}

/** Whether PostgreSQL refused a statement with one of the given codes. */
export function isError(error: unknown, ...codes: string[]): error is DatabaseError {
  return error instanceof DatabaseError && codes.includes(error.code ?? "");
}

/** Whether PostgreSQL refused a statement for what it says, so that it never takes it. */
export function isRefused(error: unknown): boolean {
  return error instanceof DatabaseError && /^2[23]/.test(error.code ?? "");
}

/** Refuses a call that would have to wait too long for something of the database (L14). */
export function overloaded(resource: string, cause?: unknown): ConnectError {
  const error = fail("OVERLOADED", { resource, retry_ms: ACQUIRE_TIMEOUT_MS });
  return because(retryLater(error, ACQUIRE_TIMEOUT_MS), cause);
}

/** Connection exceptions, too many connections, the server going down, an idle transaction. */
const lostCodes = /^(?:08...|53300|57P0.|25P03)$/;

const lostTexts =
  /^(?:Connection terminated|Query read timeout|Client (?:has encountered|was closed)|timeout ex(?:pired|ceeded))/;

const mine = reasons("mesh", {
  DATABASE_UNAVAILABLE: [Code.Unavailable, "The database does not answer; try again."],
});

function because(error: ConnectError, cause: unknown): ConnectError {
  error.cause = cause;
  return error;
}
