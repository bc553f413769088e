import { hexOf, uuidOf } from "#mesh/ids.ts";
import { MAX_SHOWN_FILLS } from "#mesh/limits.ts";
import type { PlaceCommand } from "../domain/command.ts";
import { fillsOf, foldOrder } from "../domain/fold-order.ts";
import { ratesOf } from "../domain/listed-market.ts";
import { holdMinor } from "../domain/money.ts";
import { fail } from "../errors.ts";
import type { HoldVerdict, Wanted } from "../funds/funds.ts";
import type { Outcome, Submission } from "../writer/submission.ts";
import { findNamed, findPlaced, type Hashed, namesOf, refusedOrder } from "./find-placed.ts";
import { toFill, toOrder } from "./order-message.ts";
import type { OrderMeans } from "./order-means.ts";
import { firstOf, insufficient, type Plan, planOrder, recordOf, wantedFor } from "./plan-order.ts";
import type { Placed, Who } from "./placed.ts";
import { refused } from "./refused.ts";
import type { Work } from "./works.ts";

/** What is to be done for an order, or its answer when it was placed before. */
export type ToPlace = { readonly work: Work<Placed> } | { readonly placed: Placed };

/** Makes the command of an order that was read. */
type Build = (plan: Plan, ask: Hashed, who: Who) => Submission;

/**
 * Reads and checks a new order before any money is held (FUND-1), as far as that can be told by now.
 * Throws what the order is refused with.
 */
export async function placeWork(
  means: OrderMeans,
  ask: Hashed,
  who: Who,
  build: Build = submissionOf,
): Promise<ToPlace> {
  const plan = await planOrder(means, ask, who);
  const submission = build(plan, ask, who);
  const refusal = firstOf(plan.problem, means.writer.check(submission));
  if (refusal !== undefined) {
    // The books have changed since the first try of an order, which is its answer all the same.
    const placed = await findPlaced(means, ask, who);
    if (placed !== undefined) return { placed };
    const before = await means.replies.refusal({ ...ask, ...who });
    if (before !== undefined) throw before;
    if (refusal !== "DUPLICATE_CLIENT_ORDER_ID") throw refusedOrder(means, ask, refusal);
    return { placed: await findNamed(means, ask, who) };
  }
  const { market, order } = plan;
  const wanted = wantedFor(plan, who, holdMinor(order, ratesOf(market), market.scales));
  return {
    work: {
      wanted,
      onHeld: async (verdict) => afterHold(means, { ask, who, wanted }, verdict),
      submission,
      answer: (outcome) => answerOf(means, { plan, ask, who }, outcome),
    },
  };
}

/** The command of a new order, with what its row is to show. */
export function submissionOf(
  plan: Plan,
  ask: Hashed,
  who: Who,
): Submission & { readonly command: PlaceCommand } {
  const { market, order, positionLots } = plan;
  const common = { market: market.no, account: 0, session: who.session, positionLots };
  return {
    command: { kind: "PLACE", ...order, ...common },
    owner: hexOf(who.accountId),
    fees: ratesOf(market),
    texts: textsOf(ask),
  };
}

/** What the row of an order shows that the engine does not know. */
export function textsOf({ hash, triggerId = "", order: { clientOrderId } }: Hashed) {
  return {
    requestHash: hash,
    ...(clientOrderId !== "" && { clientOrderId }),
    ...(triggerId !== "" && { triggerId }),
  };
}

/** What a hold says of its order that is not simply new; undefined lets it be placed. */
export async function afterHold(
  means: OrderMeans,
  of: { readonly ask: Hashed; readonly who: Who; readonly wanted: Wanted },
  verdict: HoldVerdict,
): Promise<Placed | undefined> {
  const { ask, who, wanted } = of;
  if (verdict === "INSUFFICIENT_FUNDS") {
    throw await means.replies.keepRefusal({ ...ask, ...who }, insufficient(wanted));
  }
  const placed = await findPlaced(means, ask, who);
  if (placed !== undefined || verdict === "HELD_BEFORE") return placed;
  // What an earlier try holds is not what is needed by now: it is given up first, in a minute.
  if (verdict === "DIFFERS") throw fail("ORDER_IN_PROGRESS", { order_id: uuidOf(ask.id) });
  throw refused("ORDER_ID_RELEASED", namesOf(ask));
}

type Of = { readonly plan: Plan; readonly ask: Hashed; readonly who: Who };

/** The order as the outcome has left it, without a look at its row. */
async function answerOf(means: OrderMeans, of: Of, outcome: Outcome): Promise<Placed> {
  const { plan, ask, who } = of;
  const { refusal, events, atMs } = outcome;
  if (refusal !== undefined) return answerRefused(means, of, refusal);
  const { market } = plan;
  const start = { ...recordOf(plan, ask, who), createdMs: atMs };
  const when = { scales: market.scales, atMs };
  const fills = fillsOf(start, events, when).slice(0, MAX_SHOWN_FILLS.ofOrder);
  return {
    order: toOrder(foldOrder(start, events, when), market),
    fills: fills.map((fill) => toFill(fill, market)),
    isReplay: false,
  };
}

/** An order that the books have refused after its hold: that is freed before the answer. */
async function answerRefused(
  means: OrderMeans,
  { ask, who }: Of,
  refusal: NonNullable<Outcome["refusal"]>,
): Promise<Placed> {
  if (refusal === "DUPLICATE_ORDER") {
    const placed = await findPlaced(means, ask, who);
    if (placed !== undefined) return placed;
  }
  if (refusal !== "ORDER_ID_RELEASED") await means.funds.freed([ask.id]);
  if (refusal === "DUPLICATE_CLIENT_ORDER_ID") return findNamed(means, ask, who);
  if (refusal === "ORDER_ID_RELEASED") throw refused(refusal, namesOf(ask));
  throw refusedOrder(means, ask, refusal);
}
