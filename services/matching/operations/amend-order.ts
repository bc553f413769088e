import { hexOf } from "#mesh/ids.ts";
import type { AmendCommand, ReduceCommand } from "../domain/command.ts";
import { extraHoldMinor } from "../domain/extra-hold.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import type { OrderView } from "../domain/order-view.ts";
import { toLots, toTicks } from "../domain/units.ts";
import type { Bounds, Outcome } from "../writer/submission.ts";
import { extraNeed, mostExtra } from "./extra-need.ts";
import {
  answerChange,
  type Changing,
  changeSubmission,
  changeWork,
  liveOrder,
} from "./change-work.ts";
import { changeOne } from "./change-one.ts";
import type { OrderMeans } from "./order-means.ts";
import { insufficient } from "./plan-order.ts";
import type { Placed, Who } from "./placed.ts";
import { sizeProblems, tickProblems } from "./order-problems.ts";
import { refused, wrongFields } from "./refused.ts";
import { type Alone, lacksMoney, type Work } from "./works.ts";

/** What an order is to be; what is empty stays as it is. */
export type Amendment = {
  readonly orderId: string;
  readonly price: string;
  readonly size: string;
  readonly reservePrice: string;
  readonly stopPrice: string;
};

/** Changes an order. Throws as `amendWork` does. */
export async function amendOrder(
  means: OrderMeans,
  amendment: Amendment,
  who: Who,
  bounds: Bounds,
): Promise<Placed> {
  return changeOne(means, async () => amendWork(means, amendment, who, bounds), bounds);
}

/**
 * What changes an order: a command, or more money first and then the command (FUND-3). Throws
 * UNKNOWN_ORDER, NOT_AMENDABLE, and what the new values are refused with.
 */
export async function amendWork(
  means: OrderMeans,
  amendment: Amendment,
  who: Who,
  bounds: Bounds,
): Promise<Work<Placed> | Alone<Placed>> {
  const changing: Changing = { target: amendment, who, reason: "NOT_AMENDABLE" };
  const order = await liveOrder(means, changing);
  const market = means.markets.byNumber(order.market)!;
  const command = readAmendment(amendment, order, market);
  if (command.kind === "REDUCE") return changeWork(means, changing, command);
  const extending = { changing, command, market, bounds };
  const grow = async () => means.funds.serially(order.order, async () => extend(means, extending));
  const alone = async () => means.locks.alone(order.order, grow, bounds);
  if (extraNeed(means, order, extending) > 0n) return { alone };
  const work = changeWork(means, changing, command);
  // It may need more after all, when the order has become smaller meanwhile.
  const answer = async (outcome: Outcome) => (lacksMoney(outcome) ? alone() : work.answer(outcome));
  return { ...work, answer };
}

/** Whether an amendment may change what its order needs held. */
export function changesNeed({ size, reservePrice }: Amendment): boolean {
  return size !== "" || reservePrice !== "";
}

type Extending = {
  readonly changing: Changing;
  readonly command: AmendCommand;
  readonly market: ListedMarket;
  readonly bounds: Bounds;
};

/**
 * Holds more for an order and changes it then, by itself. Fills may come between, and trades that are
 * prevented: when the order needs more then than was computed, the engine refuses it, the money comes
 * back, and it is done again with what it needs by now.
 */
async function extend(means: OrderMeans, extending: Extending): Promise<Placed> {
  for (let attempt = 1; ; attempt++) {
    const order = await liveOrder(means, extending.changing);
    const added = extraNeed(means, order, extending);
    const extraHold = attempt <= EXACT_ATTEMPTS ? added : mostExtra(means, order, extending, added);
    const outcome = await amend(means, order, extending, extraHold);
    if (lacksMoney(outcome)) await means.funds.freed([order.order]);
    else return answerChange(means, { changing: extending.changing, order: order.order }, outcome);
  }
}

/** After these some more is held, so that fills in between make no difference; it comes back. */
const EXACT_ATTEMPTS = 2;

/** Takes the extra hold, if any is needed, and journals the amendment. */
async function amend(
  means: OrderMeans,
  order: OrderView,
  { changing, command, market, bounds }: Extending,
  extraHold: bigint,
): Promise<Outcome> {
  const submit = async (extra: Pick<AmendCommand, "holdStep" | "extraHold">) => {
    const submission = changeSubmission({ ...command, ...extra }, changing);
    const [outcome] = await means.writer.submit([submission], bounds);
    return outcome!;
  };
  if (extraHold <= 0n) return submit({ holdStep: 0, extraHold: 0n });
  const refusal = means.writer.check(changeSubmission({ ...command, extraHold }, changing));
  const isDecided = refusal !== undefined && refusal !== "INSUFFICIENT_FUNDS"; // the order has changed
  if (isDecided) throw refused(refusal, { id: order.order, market: market.symbol });
  const minor = extraHoldMinor({ ...command, extraHold }, order, market.scales);
  const wanted = { ...sideOf(order, market), order: order.order, owner: ownerOf(changing), minor };
  const use = async (holdStep: number) => {
    const outcome = await submit({ holdStep, extraHold });
    return { outcome, isRefused: !outcome.events.some(({ kind }) => kind === "AMENDED") };
  };
  const used = await means.funds.extend(wanted, use, bounds.signal);
  if (used === undefined) throw insufficient(wanted);
  return used.outcome;
}

/** The asset that an order gives. */
function sideOf({ side }: OrderView, { base, quote, units }: ListedMarket) {
  return side === "BUY"
    ? { asset: quote, scale: units.quoteDecimals }
    : { asset: base, scale: units.baseDecimals };
}

function ownerOf({ who }: Changing): string {
  return hexOf(who.accountId);
}

/**
 * Reads an amendment; a value of 0 is none that an order has, but for a size of nothing, which ends it
 * as a reduction does. Throws PRICE_TICK and QTY_STEP.
 */
function readAmendment(
  { price, size, reservePrice, stopPrice }: Amendment,
  { market, order, lots: lotsNow }: OrderView,
  { symbol, units }: ListedMarket,
): AmendCommand | ReduceCommand {
  const wrong = tickProblems({ price, reservePrice, stopPrice }, { units });
  if (wrong.length > 0) throw wrongFields("PRICE_TICK", wrong, symbol);
  const ticks = (text: string) => (text === "" ? 0 : toTicks(text, units.tick)!);
  const prices = {
    price: ticks(price),
    reservePrice: ticks(reservePrice),
    stopPrice: ticks(stopPrice),
  };
  const lots = size === "" ? 0 : toLots(size, units.lot);
  if (lots === undefined) {
    throw wrongFields("QTY_STEP", sizeProblems("size", size, { lot: units.lot, steps: 1 }), symbol);
  }
  const named = { market, account: 0, order };
  if (size !== "" && lots === 0) return { kind: "REDUCE", ...named, lots: lotsNow };
  return { kind: "AMEND", ...named, ...prices, lots, holdStep: 0, extraHold: 0n };
}
