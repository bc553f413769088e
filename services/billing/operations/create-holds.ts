import { ConnectError } from "@connectrpc/connect";
import type { Billing } from "../context.ts";
import type { Chain, Flow, HoldIds } from "../domain/hold.ts";
import { openOnUse } from "../domain/owner.ts";
import { type NewTransfer, TransferFlags } from "../domain/transfer.ts";
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
import { ownPurposes, purposeOf } from "./own-purpose.ts";
import { type Hold, readHold } from "./read-hold.ts";

/**
 * Reserves money for the purposes of a service (FLOW-2, FLOW-9, FLOW-15, FLOW-19, FLOW-27); each
 * hold stands or falls for itself. A hold that comes again has the outcome of its first time, and
 * the state of now.
 */
export async function createHolds(
  { writer, assets }: Billing,
  { service, holds }: { readonly service: string; readonly holds: readonly Hold[] },
  bounds: Bounds,
): Promise<HoldOutcome[]> {
  const caller = { service, own: ownPurposes(service) };
  const plan = (hold: Hold): Plan => {
    const own = purposeOf(hold, caller);
    const ids = own.flow.ids(hold.holdId, hold.step ?? 0);
    return {
      hold,
      flow: own.flow,
      ids,
      chain: own.flow.make(readHold(hold, own, assets), ids, assets),
    };
  };
  const plans = holds.map((hold) => ({ hold, plan: decisionOr(() => plan(hold)) }));
  const made = plans.flatMap(({ plan: one }) => (one instanceof ConnectError ? [] : [one]));
  return writer.submit({
    ...bounds,
    eventCount: countOf(made.map(({ chain }) => chain.events.length)),
    ids: made.flatMap(({ ids }) => idsOf(ids)),
    decide: (turn) => decide(turn, plans),
  });
}

type Plan = {
  readonly hold: Hold;
  readonly flow: Flow;
  readonly ids: HoldIds;
  readonly chain: Chain;
};

type Planned = { readonly hold: Hold; readonly plan: Plan | ConnectError };

function decide(turn: Turn, plans: readonly Planned[]): HoldOutcome[] {
  const { ledger, atUs } = turn;
  const steps = plans.map(({ plan }) => (plan instanceof ConnectError ? plan : toStep(turn, plan)));
  const events: NewTransfer[] = [];
  for (const [place, step] of steps.entries()) {
    if (step instanceof ConnectError) continue;
    const { accounts } = (plans[place]!.plan as Plan).chain;
    for (const account of accounts) openOnUse(ledger, account, atUs);
    events.push(...step.events);
  }
  const results = ledger.createTransfers(events, atUs);
  let at = 0;
  return plans.map(({ hold: { holdId, ownerId }, plan }, place) => {
    const step = steps[place]!;
    if (step instanceof ConnectError) return refusedHold(holdId, step);
    const { flow, ids } = plan as Plan;
    const own = results.slice(at, (at += step.events.length));
    const values = { hold_id: holdId, owner_id: ownerId };
    const refusalsOf = (link: number) => flow.refusals[step.first + link]!;
    const error = chainRefusal(own, refusalsOf, "HOLD_ID_REUSED", values);
    if (error) return refusedHold(holdId, error);
    return { ...holdOutcome(ledger, { holdId, ids }, undefined), isRepeat: isRepeat(own) };
  });
}

/** The links to try, and the place of the first of them in its chain. */
type Step = { readonly events: readonly NewTransfer[]; readonly first: number };

function toStep(turn: Turn, plan: Plan): Step | ConnectError {
  const error = findOver(turn, plan) ?? findBaseless(turn, plan);
  if (error !== undefined) return error;
  const { events } = plan.chain;
  return burnedLink(turn, events) ?? { events, first: 0 };
}

/**
 * The link that refused the hold the first time is asked alone, and refuses again, though by now
 * another link might refuse sooner: a retry has the answer of its first time.
 */
function burnedLink({ ledger }: Turn, events: readonly NewTransfer[]): Step | undefined {
  if (events.length === 1) return undefined;
  const first = events.findIndex(({ id }) => ledger.isUsed(id) && !ledger.transfer(id));
  if (first === -1) return undefined;
  const event = events[first]!;
  return { events: [{ ...event, flags: event.flags & ~TransferFlags.LINKED }], first };
}

/** A hold that ends before it begins is a mistake; one that comes again may have ended since. */
function findOver({ ledger, atUs }: Turn, { hold, ids }: Plan): ConnectError | undefined {
  const { holdId, expiresAtUs = Infinity } = hold;
  if (expiresAtUs > atUs || ledger.isUsed(ids.reserve)) return undefined;
  return fail("EXPIRE_TIME_OUT_OF_RANGE", { hold_id: holdId });
}

/** An addition belongs to an order that has a hold. */
function findBaseless({ ledger }: Turn, { hold, ids }: Plan): ConnectError | undefined {
  const { holdId, step = 0 } = hold;
  if (step === 0 || ledger.transfer(ids.reserve)) return undefined;
  return fail("HOLD_NOT_FOUND", { hold_id: holdId });
}
