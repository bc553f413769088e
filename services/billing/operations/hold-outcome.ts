import type { ConnectError } from "@connectrpc/connect";
import {
  type HoldIds,
  type HoldReason,
  type HoldState,
  holdStateOf,
  type Refusals,
} from "../domain/hold.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { TransferResult } from "../domain/transfer.ts";
import { fail } from "../errors.ts";

/** What became of one hold of a batch. */
export type HoldOutcome = {
  readonly holdId: string;
  /** Why the call did not change the hold; absent when it did, now or the first time. */
  readonly error?: ConnectError;
  readonly state: HoldState;
  /** What was taken of a captured hold. */
  readonly captured?: { readonly ledger: number; readonly amountMinor: bigint };
  /** Whether an earlier call had done the same already. */
  readonly isRepeat?: boolean;
};

/** An outcome of a hold that the ledger was not asked about. */
export function refusedHold(holdId: string, error: ConnectError): HoldOutcome {
  return { holdId, error, state: "unknown" };
}

/** Reads where a hold stands now, beside what became of the call. */
export function holdOutcome(
  ledger: Ledger,
  { holdId, ids }: { readonly holdId: string; readonly ids: HoldIds },
  error: ConnectError | undefined,
): HoldOutcome {
  const state = holdStateOf(ledger, ids);
  const capture = state === "captured" ? ledger.transfer(ids.capture) : undefined;
  return {
    holdId,
    state,
    ...(error && { error }),
    ...(capture && { captured: { ledger: capture.ledger, amountMinor: capture.amount } }),
  };
}

/**
 * Says why the ledger did not make the chain of a hold; undefined when it did. A burned id has the
 * reason of its first use. A chain that is made in part was made by a call with another content.
 */
export function chainRefusal(
  results: readonly TransferResult[],
  refusalsOf: (link: number) => Refusals,
  otherwise: HoldReason,
  values: Readonly<Record<string, string>>,
): ConnectError | undefined {
  const link = results.findIndex(({ status }) => !isDone(status) && status !== LINK_FAILED);
  if (link === -1) {
    const isMixed = results.some(({ status }) => status === LINK_FAILED);
    return isMixed ? fail(otherwise, { ...values, status: "exists" }) : undefined;
  }
  const { status: given, failedWith } = results[link]!;
  const status = failedWith ?? given;
  const isOther = status.startsWith("exists_with_different_");
  const reason = refusalsOf(link)[status] ?? (isOther ? "HOLD_ID_REUSED" : "LEDGER_REFUSED");
  return fail(reason, { ...values, status });
}

const LINK_FAILED = "linked_event_failed";

/** Whether the ledger had the whole chain already. */
export function isRepeat(results: readonly TransferResult[]): boolean {
  return results.every(({ status }) => status === "exists");
}

function isDone(status: TransferResult["status"]): boolean {
  return status === "created" || status === "exists";
}
