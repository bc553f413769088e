import type * as wire from "#gen/mizan/matching/v1/order_service_pb.ts";
import type { FieldProblem } from "#mesh/field-problems.ts";
import type { Refusal } from "../domain/event.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { fromSteps, type Step, toLots, toTicks } from "../domain/units.ts";
import { combinationProblems } from "./combination-problems.ts";
import { fromType } from "./order-words.ts";

/** Where an order was asked for: its market, when by the books, and its field in the request. */
export type AskedAt = {
  readonly market: ListedMarket;
  readonly nowMs: number;
  readonly within: string;
};

/** Which fields of an order a refusal is about, and why; none where its text says it all. */
export function orderProblems(
  reason: Refusal,
  order: wire.NewOrder,
  { market, nowMs, within }: AskedAt,
): FieldProblem[] {
  const problems = () => {
    if (reason === "INVALID_COMBINATION") return combinationProblems(order, { market, nowMs });
    if (reason === "PRICE_TICK") return tickProblems(order, market);
    return reason === "QTY_STEP" ? stepProblems(order, market) : [];
  };
  return problems().map(({ field, problem }) => ({ field: `${within}.${field}`, problem }));
}

type Prices = Pick<wire.NewOrder, "price" | "stopPrice" | "reservePrice">;

/** What is wrong with prices that are given: nothing, or no whole number of ticks. */
export function tickProblems(
  { price, stopPrice, reservePrice }: Prices,
  { units: { tick } }: Pick<ListedMarket, "units">,
): FieldProblem[] {
  const fields = { price, stop_price: stopPrice, reserve_price: reservePrice };
  return Object.entries(fields).flatMap(([field, text]) => {
    return problemOf(field, text, { read: toTicks(text, tick), step: fromSteps(1, tick) });
  });
}

/** The same of sizes; those of orders without a limit have a step of their own. */
function stepProblems(order: wire.NewOrder, market: ListedMarket): FieldProblem[] {
  const type = fromType(order.type) ?? "LIMIT";
  const { stepLots, marketStepLots } = market.terms.rules;
  const steps = type === "LIMIT" || type.endsWith("_LIMIT") ? stepLots : marketStepLots;
  return [
    ...sizeProblems("size", order.size, { lot: market.units.lot, steps }),
    ...sizeProblems("visible_size", order.visibleSize, { lot: market.units.lot, steps: 1 }),
  ];
}

/** What is wrong with a size that is given: nothing, or no whole number of steps of so many lots. */
export function sizeProblems(
  field: string,
  text: string,
  { lot, steps }: { readonly lot: Step; readonly steps: number },
): FieldProblem[] {
  const lots = toLots(text, lot);
  const read = lots !== undefined && lots % steps === 0 ? lots : undefined;
  return problemOf(field, text, { read, step: fromSteps(steps, lot) });
}

type Read = { readonly read: number | undefined; readonly step: string };

function problemOf(field: string, text: string, { read, step }: Read): FieldProblem[] {
  if (text === "" || (read !== undefined && read > 0)) return [];
  if (read === 0) return [{ field, problem: "must be more than 0" }];
  return [{ field, problem: `must be a whole number of steps of ${step}` }];
}
