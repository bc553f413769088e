import { hexOf } from "#mesh/ids.ts";
import type { AmendCommand, ReduceCommand } from "../domain/command.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { needMinor } from "../domain/money.ts";
import type { OrderView } from "../domain/order-view.ts";
import { toLots, toTicks } from "../domain/units.ts";
import { fail } from "../errors.ts";
import type { Bounds, Outcome } from "../writer/submission.ts";
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
import { refused } from "./refused.ts";
import type { Alone, Work } from "./works.ts";

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
  if (command.kind === "REDUCE" || extraMinor(order, command, market, means) <= 0n) {
    return changeWork(means, changing, command);
  }
  const alone = async () => extend(means, { changing, command, market }, bounds);
  return {
    alone: async () =>
      means.locks.alone(order.order, async () => means.funds.serially(order.order, alone)),
  };
}

type Extending = {
  readonly changing: Changing;
  readonly command: AmendCommand;
  readonly market: ListedMarket;
};

/** Holds more for an order and changes it then, by itself: nothing changes its need meanwhile. */
async function extend(means: OrderMeans, extending: Extending, bounds: Bounds): Promise<Placed> {
  const { changing, command, market } = extending;
  const order = await liveOrder(means, changing); // it may have changed while this one waited
  const answer = async (submitted: Outcome) =>
    answerChange(means, { changing, order: order.order }, submitted);
  const submit = async (holdStep: number, extraHoldMinor: bigint) => {
    const amended = changeSubmission({ ...command, holdStep }, changing);
    const submission = { ...amended, texts: { extraHoldMinor } };
    const [outcome] = await means.writer.submit([submission], bounds);
    return { outcome: outcome!, isRefused: outcome!.refusal !== undefined };
  };
  const minor = extraMinor(order, command, market, means);
  const refusal = means.writer.check(changeSubmission(command, changing));
  if (refusal !== undefined) throw refused(refusal, { id: order.order, market: market.symbol });
  if (minor <= 0n) return answer((await submit(0, 0n)).outcome);
  const wanted = { ...sideOf(order, market), order: order.order, owner: ownerOf(changing), minor };
  const used = await means.funds.extend(wanted, async (step) => submit(step, minor), bounds.signal);
  if (used === undefined) throw insufficient(wanted);
  return answer(used.outcome);
}

/** What an amendment needs held beside what the order has; not more than 0 where it needs nothing. */
function extraMinor(
  order: OrderView,
  command: AmendCommand,
  { scales }: ListedMarket,
  { writer }: Pick<OrderMeans, "writer">,
): bigint {
  const rates = writer.engine.tier(order.tier)!;
  const amended = {
    ...order,
    reservePrice: command.reservePrice || order.reservePrice,
    remaining: Math.max(0, order.remaining + (command.lots || order.lots) - order.lots),
  };
  return needMinor(amended, rates, scales) - needMinor(order, rates, scales);
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
  const ticks = (text: string) => {
    const value = text === "" ? 0 : toTicks(text, units.tick);
    if (value === undefined || (text !== "" && value === 0))
      throw fail("PRICE_TICK", { market: symbol });
    return value;
  };
  const prices = {
    price: ticks(price),
    reservePrice: ticks(reservePrice),
    stopPrice: ticks(stopPrice),
  };
  const lots = size === "" ? 0 : toLots(size, units.lot);
  if (lots === undefined) throw fail("QTY_STEP", { market: symbol });
  const named = { market, account: 0, order };
  if (size !== "" && lots === 0) return { kind: "REDUCE", ...named, lots: lotsNow };
  return { kind: "AMEND", ...named, ...prices, lots, holdStep: 0 };
}
