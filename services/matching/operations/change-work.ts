import { hexOf, uuidOf } from "#mesh/ids.ts";
import { MAX_SHOWN_FILLS } from "#mesh/limits.ts";
import type { AmendCommand, CancelCommand, OrderId, ReduceCommand } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import { fillsOf } from "../domain/fold-order.ts";
import type { OrderView } from "../domain/order-view.ts";
import { fail } from "../errors.ts";
import type { ChangedRequest } from "../store/changed-requests.ts";
import type { Outcome, Submission } from "../writer/submission.ts";
import { checkTarget, findLive, findStored, notLive, type Target } from "./find-target.ts";
import { getOrder } from "./get-order.ts";
import { toFill, toOrder } from "./order-message.ts";
import type { OrderMeans } from "./order-means.ts";
import type { Placed, Who } from "./placed.ts";
import { refused } from "./refused.ts";
import type { Work } from "./works.ts";

/** A command that changes one order; the writer puts the account in. */
export type Change = CancelCommand | ReduceCommand | AmendCommand;

/** Whose order is to be changed, and what to say when it has ended. */
export type Changing = {
  readonly target: Target;
  readonly who: Who;
  readonly reason: "NOT_AMENDABLE" | "NOT_CANCELLABLE";
};

/**
 * The live order that is to be changed. Throws UNKNOWN_ORDER for what is not the caller's own, and
 * the reason for what has ended.
 */
export async function liveOrder(means: OrderMeans, changing: Changing): Promise<OrderView> {
  const { target, who, reason } = changing;
  checkTarget(target);
  const order = findLive(means, target, who.accountId);
  if (order === undefined) {
    throw await notLive(means, { target, accountId: who.accountId }, reason);
  }
  return order;
}

/** Makes the work of a change; it is answered when what it frees can be spent. */
export function changeWork(means: OrderMeans, changing: Changing, change: Change): Work<Placed> {
  return {
    submission: changeSubmission(change, changing),
    ...(change.kind !== "CANCEL" && { changes: change.order }),
    answer: async (outcome) => answerChange(means, { changing, order: change.order }, outcome),
  };
}

/** The command of a change for its account. */
export function changeSubmission(command: Change, { who }: Pick<Changing, "who">): Submission {
  const { accountId, request } = who;
  return { command, owner: hexOf(accountId), ...(request && { texts: { request } }) };
}

/** The order as it is after a change, with the fills that this has led to. */
export async function answerChange(
  means: OrderMeans,
  { changing, order }: { readonly changing: Changing; readonly order: string },
  outcome: Outcome,
): Promise<Placed> {
  const { who, reason } = changing;
  const target = { orderId: order };
  const { refusal, events, atMs } = outcome;
  if (refusal === "UNKNOWN_ORDER") {
    throw await notLive(means, { target, accountId: who.accountId }, reason);
  }
  if (refusal === "WRONG_SIZE") throw fail("WRONG_SIZE", { size: "" });
  const [stored] = await Promise.all([
    findStored(means, target, who.accountId),
    means.funds.freed(holdsOf(order, events)),
  ]);
  const market = means.markets.find(stored.market)!;
  if (refusal !== undefined) throw refused(refusal, stored);
  const when = { scales: market.scales, atMs };
  const fills = fillsOf(stored, events, when).slice(0, MAX_SHOWN_FILLS.ofOrder);
  return {
    order: toOrder(stored, market),
    fills: fills.map((fill) => toFill(fill, market)),
    isReplay: false,
  };
}

/**
 * The order that a request has changed, as it is now, for a request that comes again after its answer
 * was lost. Which fills it has led to is not known any more; ListFills has them.
 */
export async function showChanged(
  means: OrderMeans,
  { order }: ChangedRequest,
  { accountId }: Who,
): Promise<Placed> {
  const shown = await getOrder(means, { orderId: uuidOf(order!) }, accountId);
  return { order: shown.order, fills: [], isReplay: true };
}

/** The holds of which a change may have freed something: of two linked orders that of the limit leg. */
function holdsOf(order: OrderId, events: readonly Event[]): OrderId[] {
  const holds = events.flatMap((event) => ("facts" in event ? [event.facts.hold] : []));
  return [...new Set([order, ...holds])];
}
