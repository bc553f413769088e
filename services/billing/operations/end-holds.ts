import type { ConnectError } from "@connectrpc/connect";
import { isDecision } from "#mesh/errors.ts";
import { ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT, toMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Assets } from "../domain/asset.ts";
import { type HoldIds, holdIds } from "../domain/hold.ts";
import type { Ledger } from "../domain/ledger.ts";
import { type NewTransfer, TransferFlags } from "../domain/transfer.ts";
import { fail } from "../errors.ts";
import type { Bounds, Turn } from "../writer/work.ts";
import { type HoldOutcome, holdOutcome, holdRefusal, type Refusals } from "./hold-outcome.ts";
import { ownPurpose } from "./own-purpose.ts";

/** A hold to capture or release. */
export type EndedHold = {
  readonly holdId: string;
  /** In major units; absent for the whole hold. */
  readonly amount?: { readonly asset: string; readonly amount: string };
};

/** How holds end. */
type Ending = {
  readonly service: string;
  readonly holds: readonly EndedHold[];
  readonly leg: "capture" | "release";
  readonly flags: number;
  /** The reasons that are this ending's own. */
  readonly refusals: Refusals;
};

/** Captures or releases holds of a service; one outcome each. */
export async function endHolds(
  { writer, assets }: Billing,
  ending: Ending,
  bounds: Bounds,
): Promise<HoldOutcome[]> {
  const purpose = ownPurpose(ending.service);
  const plans = ending.holds.map((hold) =>
    plan(hold, { ids: holdIds(purpose, hold.holdId), ending, assets }),
  );
  const ids = plans.flatMap(({ ids: { reserve, capture, release } }) => [
    { id: reserve, pendingId: ZERO_ID },
    { id: capture, pendingId: ending.leg === "release" ? release : ZERO_ID },
  ]);
  const refusals = { ...ended, ...ending.refusals };
  const decide = (turn: Turn) => end(turn, plans, refusals);
  return writer.submit({ ...bounds, eventCount: plans.length, ids, decide });
}

type Plan = {
  readonly holdId: string;
  readonly ids: HoldIds;
  readonly amount: string;
  /** What to do, or why there is nothing to do. */
  readonly step: NewTransfer | ConnectError;
};

type Terms = { readonly ids: HoldIds; readonly ending: Ending; readonly assets: Assets };

function plan(hold: EndedHold, terms: Terms): Plan {
  const { holdId, amount } = hold;
  const base = { holdId, ids: terms.ids, amount: amount?.amount ?? "all" };
  try {
    return { ...base, step: toEvent(hold, terms) };
  } catch (error) {
    if (isDecision(error)) return { ...base, step: error };
    throw error;
  }
}

function toEvent({ amount }: EndedHold, { ids, ending, assets }: Terms): NewTransfer {
  const asset = amount && assets.byCode(amount.asset);
  if (amount !== undefined && asset === undefined) {
    throw fail("UNKNOWN_ASSET", { asset: amount.asset });
  }
  const whole = (ending.flags & TransferFlags.POST_PENDING) === 0 ? 0n : MAX_AMOUNT;
  return {
    id: ids[ending.leg],
    debitAccountId: ZERO_ID,
    creditAccountId: ZERO_ID,
    amount: amount && asset ? toMinor(amount.amount, asset.scale) : whole,
    pendingId: ids.reserve,
    timeoutSeconds: 0,
    ledger: asset?.ledger ?? 0,
    code: 0,
    flags: ending.flags,
    userData: ZERO_ID,
  };
}

function end({ ledger, atUs }: Turn, plans: readonly Plan[], refusals: Refusals): HoldOutcome[] {
  const steps = plans.map((one) => differs(one, ledger) ?? one.step);
  const events = steps.flatMap((step) => (step instanceof Error ? [] : [step]));
  const results = ledger.createTransfers(events, atUs).values();
  const seals = plans.flatMap(({ ids, step }) => ("id" in step ? sealOf(ids, step, ledger) : []));
  if (seals.length > 0) ledger.createTransfers(seals, atUs);
  return plans.map(({ holdId, ids, amount }, at) => {
    const step = steps[at];
    if (step instanceof Error) return holdOutcome(ledger, { holdId, ids }, step);
    const error = holdRefusal(results.next().value!, refusals, { hold_id: holdId, amount });
    return holdOutcome(ledger, { holdId, ids }, error);
  });
}

/**
 * A release may come before its hold, whose call is still on its way from a caller who gave up. It
 * burns the id of the hold, or the money would be held by nobody for as long as the hold lasts.
 */
function sealOf(ids: HoldIds, step: NewTransfer, ledger: Ledger): NewTransfer[] {
  const isEarly = step.id === ids.release && !ledger.isUsed(ids.reserve);
  return isEarly ? [{ ...step, id: ids.reserve, pendingId: ids.release, amount: 0n }] : [];
}

/** A release of nothing would be one of all (TRF-1); who names an amount wants it checked. */
function differs({ holdId, ids, amount, step }: Plan, ledger: Ledger): ConnectError | undefined {
  const isVoidOfZero = "id" in step && step.id === ids.release && amount !== "all" && !step.amount;
  const isHeld = isVoidOfZero && (ledger.transfer(ids.reserve)?.amount ?? 0n) > 0n;
  return isHeld ? fail("HOLD_AMOUNT_DIFFERS", { hold_id: holdId, amount }) : undefined;
}

const ended: Refusals = {
  exists_with_different_ledger: "ASSET_NOT_ACCEPTED",
  pending_transfer_not_found: "HOLD_NOT_FOUND",
  pending_transfer_has_different_ledger: "ASSET_NOT_ACCEPTED",
  pending_transfer_already_posted: "HOLD_ALREADY_CAPTURED",
  pending_transfer_already_voided: "HOLD_ALREADY_RELEASED",
  pending_transfer_expired: "HOLD_EXPIRED",
};
