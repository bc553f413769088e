import { ConnectError } from "@connectrpc/connect";
import type { Billing } from "../context.ts";
import type { Assets } from "../domain/asset.ts";
import { free } from "../domain/flows/links.ts";
import type { Flow, HoldEnd, HoldIds, Purpose, Refusals } from "../domain/hold.ts";
import { openOnUse } from "../domain/owner.ts";
import type { NewTransfer } from "../domain/transfer.ts";
import { fail } from "../errors.ts";
import type { Bounds, Turn } from "../writer/work.ts";
import {
  chainRefusal,
  type HoldOutcome,
  holdOutcome,
  isRepeat,
  refusedHold,
} from "./hold-outcome.ts";
import { countOf, decisionOr, idsOf } from "./hold-plan.ts";
import { checkFields, type OwnPurpose, ownPurposes, purposeOf } from "./own-purpose.ts";
import { readMoney, type WireMoney } from "./read-money.ts";

/** A hold to capture or release. */
export type EndedHold = {
  readonly holdId: string;
  /** May be left out by a service that has one. */
  readonly purpose?: Purpose;
  /** Absent for the whole hold. */
  readonly amount?: WireMoney;
  /** Of a purchase: what its owner gets, and how much of the amount is the fee. */
  readonly baseAmount?: WireMoney;
  readonly fee?: WireMoney;
  /** Of a merchant's withdrawal: the bank account that has paid it. */
  readonly bank?: string;
  /** Of an order: which of its releases this is, from 1. */
  readonly step?: number;
};

/** How holds end. */
type Ending = {
  readonly service: string;
  readonly holds: readonly EndedHold[];
  readonly how: "capture" | "release";
};

/** Captures or releases holds of a service; one outcome each. */
export async function endHolds(
  { writer, assets }: Billing,
  { service, holds, how }: Ending,
  bounds: Bounds,
): Promise<HoldOutcome[]> {
  const caller = { service, own: ownPurposes(service) };
  const plan = (hold: EndedHold): Plan => {
    const own = purposeOf(hold, caller);
    const ids = own.flow.ids(hold.holdId, hold.step ?? 0);
    const end = decisionOr(() => readEnd(hold, own, how, assets));
    return { flow: own.flow, ids, end };
  };
  const plans = holds.map((hold) => ({ hold, plan: decisionOr(() => plan(hold)) }));
  const known = plans.flatMap(({ plan: one }) => (one instanceof ConnectError ? [] : [one]));
  return writer.submit({
    ...bounds,
    eventCount: countOf(known.map(({ flow }) => flow.links[how])),
    ids: known.flatMap(({ ids }) => idsOf(ids)),
    decide: (turn) => decide(turn, plans, how),
  });
}

type Plan = {
  readonly flow: Flow;
  readonly ids: HoldIds;
  /** How to end it, or why that is no way to. */
  readonly end: HoldEnd | ConnectError;
};

type Planned = { readonly hold: EndedHold; readonly plan: Plan | ConnectError };

function readEnd(
  hold: EndedHold,
  { purpose, flow }: OwnPurpose,
  how: Ending["how"],
  assets: Assets,
): HoldEnd {
  const { holdId, amount, baseAmount, fee, bank = "", step = 0 } = hold;
  const values = { hold_id: holdId, purpose };
  if (flow[how] === undefined) throw fail("HOLD_NOT_CAPTURABLE", values);
  const given = {
    amount: amount !== undefined,
    base_amount: baseAmount !== undefined,
    fee: fee !== undefined,
    bank: bank !== "",
    step: step !== 0,
  };
  checkFields(flow.fields[how], given, values);
  return {
    holdId,
    bank,
    step,
    ...(amount && { money: readMoney(assets, amount) }),
    ...(baseAmount && { base: readMoney(assets, baseAmount) }),
    ...(fee && { fee: readMoney(assets, fee) }),
  };
}

function decide(turn: Turn, plans: readonly Planned[], how: Ending["how"]): HoldOutcome[] {
  const { ledger, atUs } = turn;
  const chains = plans.map(({ plan }) => {
    if (plan instanceof ConnectError) return plan;
    const { end, flow, ids } = plan;
    return end instanceof ConnectError ? end : decisionOr(() => flow[how]!(ledger, end, ids));
  });
  const events: NewTransfer[] = [];
  for (const chain of chains) {
    if (chain instanceof ConnectError) continue;
    for (const account of chain.accounts) openOnUse(ledger, account, atUs);
    events.push(...chain.events);
  }
  const results = ledger.createTransfers(events, atUs);
  if (how === "release") seal(turn, plans);
  let at = 0;
  return plans.map(({ hold: { holdId, amount }, plan }, place) => {
    if (plan instanceof ConnectError) return refusedHold(holdId, plan);
    const chain = chains[place]!;
    if (chain instanceof ConnectError) return holdOutcome(ledger, { holdId, ids: plan.ids }, chain);
    const own = results.slice(at, (at += chain.events.length));
    const values = { hold_id: holdId, amount: amount?.amount ?? "all" };
    const error = chainRefusal(own, () => refusals[how], made[how], values);
    const outcome = holdOutcome(ledger, { holdId, ids: plan.ids }, error);
    return { ...outcome, isRepeat: error === undefined && isRepeat(own) };
  });
}

/** The reason of a chain that was made in part: by a call with another content. */
const made = { capture: "HOLD_ALREADY_CAPTURED", release: "HOLD_ALREADY_RELEASED" } as const;

const ended: Refusals = {
  exists_with_different_ledger: "ASSET_NOT_ACCEPTED",
  pending_transfer_not_found: "HOLD_NOT_FOUND",
  pending_transfer_has_different_ledger: "ASSET_NOT_ACCEPTED",
  pending_transfer_already_posted: "HOLD_ALREADY_CAPTURED",
  pending_transfer_already_voided: "HOLD_ALREADY_RELEASED",
  pending_transfer_expired: "HOLD_EXPIRED",
};

const refusals: Readonly<Record<Ending["how"], Refusals>> = {
  capture: {
    ...ended,
    exists_with_different_flags: "HOLD_ALREADY_CAPTURED",
    exists_with_different_credit_account_id: "HOLD_ALREADY_CAPTURED",
    exists_with_different_amount: "HOLD_ALREADY_CAPTURED",
    exceeds_pending_transfer_amount: "HOLD_EXCEEDED",
  },
  release: {
    ...ended,
    exists_with_different_amount: "HOLD_AMOUNT_DIFFERS",
    exceeds_pending_transfer_amount: "HOLD_AMOUNT_DIFFERS",
    pending_transfer_has_different_amount: "HOLD_AMOUNT_DIFFERS",
    exceeds_credits: "HOLD_EXCEEDED",
  },
};

/**
 * A release may come before its hold, whose call is still on its way from a caller who gave up. It
 * burns the id of the hold, or the money would be held by nobody for as long as the hold lasts. One
 * that was refused needs none, and goes on to say why.
 */
function seal({ ledger, atUs }: Turn, plans: readonly Planned[]): void {
  const seals = plans.flatMap(({ plan }) => {
    if (plan instanceof ConnectError || plan.end instanceof ConnectError) return [];
    const { ids, flow } = plan;
    const isOver = [ids.reserve, ...(flow.further?.(ids) ?? [])].some((id) => ledger.isUsed(id));
    return isOver ? [] : [free(ids.reserve, ids.release)];
  });
  if (seals.length > 0) ledger.createTransfers(seals, atUs);
}
