import { ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import type { Refusal } from "../domain/credit-change.ts";
import { fail } from "../errors.ts";

/**
 * Why the ledger has refused a call for good, in our words; undefined for every other failure, after
 * which the same call may go well.
 */
export function ledgerRefusal(error: unknown): Refusal | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  const [info] = error.findDetails(ErrorInfoSchema);
  if (info === undefined || !isFinal(info.reason)) return undefined;
  return { reason: info.reason, values: info.metadata };
}

/** A refusal as an error of ours. */
export function toError({ reason, values }: Refusal): ConnectError {
  if (isFinal(reason)) return fail(reason, values);
  throw new Error(`${reason} is no reason of the ledger`);
}

const final = [
  "AMOUNT_TOO_LARGE",
  "CREDIT_IN_USE",
  "INVALID_AMOUNT",
  "LEDGER_REFUSED",
  "MERCHANT_NOT_FOUND",
  "REPAYMENT_EXCEEDED",
] as const;

function isFinal(reason: string): reason is (typeof final)[number] {
  return (final as readonly string[]).includes(reason);
}
