import type { ConnectError } from "@connectrpc/connect";
import { type HoldIds, type HoldState, holdStateOf } from "../domain/hold.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { TransferResult, TransferStatus } from "../domain/transfer.ts";
import { fail } from "../errors.ts";

/** What became of one hold of a batch. */
export type HoldOutcome = {
  readonly holdId: string;
  /** Why the call did not change the hold; absent when it did, now or the first time. */
  readonly error?: ConnectError;
  readonly state: HoldState;
  /** What was taken of a captured hold. */
  readonly captured?: { readonly ledger: number; readonly amountMinor: bigint };
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
  const state = holdStateOf(ledger.transfer(ids.reserve));
  const capture = state === "captured" ? ledger.transfer(ids.capture) : undefined;
  return {
    holdId,
    state,
    ...(error && { error }),
    ...(capture && { captured: { ledger: capture.ledger, amountMinor: capture.amount } }),
  };
}

/** The reason of a refusal, by the status of the ledger; a burned id has that of its first use. */
export type Refusals = Partial<Record<TransferStatus, Parameters<typeof fail>[0]>>;

/** Says why the ledger did not make a transfer of a hold; undefined when it did. */
export function holdRefusal(
  { status: given, failedWith }: TransferResult,
  refusals: Refusals,
  values: Readonly<Record<string, string>>,
): ConnectError | undefined {
  if (given === "created" || given === "exists") return undefined;
  const status = failedWith ?? given;
  const isOther = status.startsWith("exists_with_different_");
  const reason = refusals[status] ?? (isOther ? "HOLD_ID_REUSED" : "LEDGER_REFUSED");
  return fail(reason, { ...values, status });
}
