import { Code, ConnectError } from "@connectrpc/connect";
import type { ErrorInfo } from "#gen/mizan/error/v1/error_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Sms } from "../context.ts";
import type { LedgerStep } from "../store/ledger-steps.ts";
import type { StoredStep } from "../store/told-steps.ts";

/**
 * Tells the ledger steps, and returns the reasons of those that it refuses, by the ids of the
 * steps. A hold is captured before any of it is refunded, since refunds go last: a hold has but one
 * ending, and it was decided before its refunds. Throws when the outcome is not known; then all are
 * told again, which changes nothing of what was done (MON-5).
 */
export async function askLedger(
  sms: Pick<Sms, "holds" | "currency">,
  steps: readonly StoredStep[],
): Promise<ReadonlyMap<number, string>> {
  const of = (kind: LedgerStep["kind"]) => steps.filter((step) => step.kind === kind);
  const endings = await Promise.all([
    tell(of("CAPTURE"), async (part) => capture(sms, part)),
    tell(of("RELEASE"), async (part) => release(sms, part)),
  ]);
  const refunds = await tell(of("REFUND"), async (part) => refund(sms, part));
  return new Map([...endings.flat(), ...refunds]);
}

type Refused = (readonly [id: number, reason: string])[];
type Results = readonly { readonly error?: ErrorInfo | undefined }[];

/** Tells one call; a call that is refused as a whole is told in halves, to find the bad step. */
async function tell(
  steps: readonly StoredStep[],
  call: (steps: readonly StoredStep[]) => Promise<Results>,
): Promise<Refused> {
  if (steps.length === 0) return [];
  try {
    const results = await call(steps);
    if (results.length !== steps.length) throw new Error("the ledger has lost results");
    return steps.flatMap(({ id, kind }, index): Refused => {
      const reason = results[index]!.error?.reason;
      return reason === undefined || isFine(kind, reason) ? [] : [[id, reason]];
    });
  } catch (error) {
    if (!(error instanceof ConnectError) || error.code !== Code.InvalidArgument) throw error;
    if (steps.length === 1) return [[steps[0]!.id, reasonOf(error) ?? "INVALID_ARGUMENT"]];
    const middle = Math.ceil(steps.length / 2);
    const first = await tell(steps.slice(0, middle), call);
    return [...first, ...(await tell(steps.slice(middle), call))];
  }
}

/** A hold that is to be free is free when it was never made, or has ended before. */
function isFine(kind: LedgerStep["kind"], reason: string): boolean {
  return kind === "RELEASE" && free.has(reason);
}

const free = new Set(["HOLD_NOT_FOUND", "HOLD_ALREADY_RELEASED", "HOLD_EXPIRED"]);

type Means = Pick<Sms, "holds" | "currency">;

async function capture(sms: Means, steps: readonly StoredStep[]): Promise<Results> {
  const captures = steps.map((step) => ({ holdId: step.holdId, ...amountOf(sms, step) }));
  return (await sms.holds.captureHolds({ requestId: newId(), captures })).results;
}

async function release(sms: Means, steps: readonly StoredStep[]): Promise<Results> {
  const releases = steps.map((step) => ({ holdId: step.holdId, ...amountOf(sms, step) }));
  return (await sms.holds.releaseHolds({ requestId: newId(), releases })).results;
}

async function refund(sms: Means, steps: readonly StoredStep[]): Promise<Results> {
  const refunds = steps.map((step) => ({
    refundId: step.messageId ?? "",
    holdId: step.holdId,
    reference: step.reference ?? "",
    ...amountOf(sms, step),
  }));
  return (await sms.holds.refundHolds({ requestId: newId(), refunds })).results;
}

function amountOf({ currency: { asset, scale } }: Means, { amount }: LedgerStep) {
  return amount === undefined ? {} : { amount: { asset, amount: fromMinor(amount, scale) } };
}
