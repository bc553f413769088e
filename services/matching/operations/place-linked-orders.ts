import type { Order } from "#gen/mizan/matching/v1/order_pb.ts";
import type { Fill } from "#gen/mizan/matching/v1/trade_pb.ts";
import { hexOf, uuidOf } from "#mesh/ids.ts";
import { ratesOf } from "../domain/listed-market.ts";
import { ocoHoldMinor } from "../domain/money.ts";
import type { Refusal } from "../domain/event.ts";
import type { Bounds, Outcome, Submission } from "../writer/submission.ts";
import { findPlaced, type Hashed, namesOf, refusedOrder } from "./find-placed.ts";
import { getOrder } from "./get-order.ts";
import { linkedProblems } from "./linked-problems.ts";
import type { OrderMeans } from "./order-means.ts";
import { hashOf, joined, orThrow } from "./place-order.ts";
import { afterHold, textsOf } from "./place-work.ts";
import type { PlaceAsk, Who } from "./placed.ts";
import { firstOf, type Plan, planOrder, wantedFor } from "./plan-order.ts";
import { refused, wrongFields } from "./refused.ts";
import { doWorks, type Work } from "./works.ts";

/** Two orders of which one happens, with the fills of the first. */
export type Linked = {
  readonly limit: Order;
  readonly stop: Order;
  readonly fills: readonly Fill[];
  readonly isReplay: boolean;
};

/** The two orders that somebody asks for. */
export type LinkedAsk = { readonly limit: PlaceAsk; readonly stop: PlaceAsk };

/**
 * Places a limit order and a stop with one hold for the larger need, of which one happens. Throws what
 * either of them is refused with, those of the limit leg first; see OrderService.PlaceLinkedOrders.
 */
export async function placeLinkedOrders(
  means: OrderMeans,
  { limit, stop }: LinkedAsk,
  who: Who,
  bounds: Bounds,
): Promise<Linked> {
  const hash = hashOf([limit.order, stop.order]);
  const problemsOf = (reason: Refusal) => {
    const market = means.markets.find(limit.order.market);
    if (market === undefined) return [];
    return linkedProblems(reason, { limit, stop }, { market, nowMs: means.writer.nowMs() });
  };
  const legs = {
    limit: { ...limit, hash, within: "limit", problemsOf },
    stop: { ...stop, hash, within: "stop" },
  };
  return joined(means, legs.limit, async () => {
    const todo = await linkedWork(means, legs, who);
    if ("limit" in todo) return todo;
    return orThrow((await doWorks(means, [todo], bounds))[0]!);
  });
}

type Legs = { readonly limit: Hashed; readonly stop: Hashed };
type Plans = { readonly limit: Plan; readonly stop: Plan };

async function linkedWork(means: OrderMeans, legs: Legs, who: Who): Promise<Work<Linked> | Linked> {
  const { limit, stop } = legs;
  const plans = {
    limit: await planOrder(means, limit, who),
    stop: await planOrder(means, stop, who),
  };
  const { market } = plans.limit;
  if (plans.stop.market !== market) {
    const problem = { field: "stop.market", problem: "must be that of the limit leg" };
    throw wrongFields("INVALID_COMBINATION", [problem]);
  }
  const submission = submissionOf(plans, legs, who);
  const problem = firstOf(plans.limit.problem, plans.stop.problem);
  const refusal = firstOf(problem, means.writer.check(submission));
  if (refusal !== undefined) {
    const placed = await findPlaced(means, limit, who);
    if (placed !== undefined) return shown(means, legs, who, true);
    const before = await means.replies.refusal({ ...limit, ...who });
    throw before ?? refusedOrder(means, limit, refusal);
  }
  const rates = ratesOf(market);
  const orders = { limit: plans.limit.order, stop: plans.stop.order };
  const minor = ocoHoldMinor(orders, { limit: rates, stop: rates }, market.scales);
  const wanted = wantedFor(plans.limit, who, minor);
  return {
    wanted,
    onHeld: async (verdict) => {
      const placed = await afterHold(means, { ask: limit, who, wanted }, verdict);
      return placed && shown(means, legs, who, true);
    },
    submission,
    answer: async (outcome) => answerOf(means, { legs, who }, outcome),
  };
}

function submissionOf({ limit, stop }: Plans, legs: Legs, who: Who): Submission {
  const { market, order, positionLots } = limit;
  const common = { market: market.no, account: 0, session: who.session, positionLots };
  const stopClientOrderId = legs.stop.order.clientOrderId;
  return {
    command: { kind: "OCO", ...common, limit: order, stop: stop.order },
    owner: hexOf(who.accountId),
    fees: ratesOf(market),
    texts: { ...textsOf(legs.limit), ...(stopClientOrderId !== "" && { stopClientOrderId }) },
  };
}

async function answerOf(
  means: OrderMeans,
  { legs, who }: { readonly legs: Legs; readonly who: Who },
  { refusal }: Outcome,
): Promise<Linked> {
  if (refusal === undefined) return shown(means, legs, who, false);
  if (refusal === "DUPLICATE_ORDER") return shown(means, legs, who, true);
  if (refusal === "ORDER_ID_RELEASED") throw refused(refusal, namesOf(legs.limit));
  await means.funds.freed([legs.limit.id]);
  throw refusedOrder(means, legs.limit, refusal);
}

/** Both orders as their rows have them. */
async function shown(
  means: OrderMeans,
  { limit, stop }: Legs,
  { accountId }: Who,
  isReplay: boolean,
): Promise<Linked> {
  const [first, second] = await Promise.all(
    [limit, stop].map(async ({ id }) => getOrder(means, { orderId: uuidOf(id) }, accountId)),
  );
  return { limit: first!.order, stop: second!.order, fills: first!.fills, isReplay };
}
